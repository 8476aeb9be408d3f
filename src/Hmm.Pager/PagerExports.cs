using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hmm.Linux;
using Hmm.Linux.Probing;

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

    /// <summary>
    /// <c>int hmm_pager_rehearse(void)</c>: tries in the pager's own runtime what it will need: faults, guarded accesses, and that a null
    /// reference is still an exception afterwards.
    /// </summary>
    /// <returns>0 if all of it works; 1 if userfaultfd does not; 2 if guarded accesses do not; 3 if exceptions do not.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_pager_rehearse")]
    public static int Rehearse()
    {
        try
        {
            return !UserfaultfdProbe.Run().IsSufficient ? 1
                : GuardedAccess.Load(8, out byte _).Signal != MemorySignal.Sigsegv ? 2
                : Math.Max(3, LengthOf(null!));
        }
        catch (NullReferenceException)
        {
            return 0;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LengthOf(string text) => text.Length;
}
