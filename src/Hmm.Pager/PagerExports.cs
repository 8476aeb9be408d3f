using System.Runtime.InteropServices;

namespace Hmm.Pager;

/// <summary>What the pager's shared library gives to C.</summary>
/// <remarks>Thread-safe, each function.</remarks>
public static class PagerExports
{
    /// <summary>The version of this interface: the caller refuses a library whose number is another.</summary>
    public const int Version = 1;

    /// <summary><c>int hmm_pager_version(void)</c></summary>
    /// <returns><see cref="Version"/>.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_pager_version")]
    public static int GetVersion() => Version;
}
