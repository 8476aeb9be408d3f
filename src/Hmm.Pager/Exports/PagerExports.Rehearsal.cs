using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hmm.Linux;
using Hmm.Linux.Probing;

namespace Hmm.Pager.Exports;

// Trying out what the pager's own runtime will need.
public static unsafe partial class PagerExports
{
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
