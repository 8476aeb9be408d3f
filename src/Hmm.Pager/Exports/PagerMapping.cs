using System.Runtime.InteropServices;

namespace Hmm.Pager.Exports;

/// <summary><c>struct hmm_mapping</c>: a mapping of a space.</summary>
/// <remarks>Not thread-safe: plain data.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct PagerMapping
{
    /// <summary>First address.</summary>
    public ulong Start;

    /// <summary>End, exclusive.</summary>
    public ulong End;

    /// <summary>Attributes, as <see cref="Core.AddressSpaces.VmaFlags"/> numbers them.</summary>
    public ulong Flags;
}
