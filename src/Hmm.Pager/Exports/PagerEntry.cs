using System.Runtime.InteropServices;

namespace Hmm.Pager.Exports;

/// <summary><c>struct hmm_entry</c>: one page in a page table.</summary>
/// <remarks>Not thread-safe: plain data.</remarks>
[StructLayout(LayoutKind.Sequential)]
public struct PagerEntry
{
    /// <summary>First address of the page.</summary>
    public ulong Address;

    /// <summary>Of the process's table the entry, as <see cref="Core.PageTables.Pte"/> draws it; of a test mirror's the frame's number.</summary>
    public ulong Word;

    /// <summary>Of a test mirror's table what the device may do: a number of <see cref="Simulation.TestMirrors.MirrorTag"/>.</summary>
    public int Tag;

    /// <summary>The device whose memory the frame is in, numbered as in <see cref="PagerEvent"/>; -1 for none.</summary>
    public int Device;
}
