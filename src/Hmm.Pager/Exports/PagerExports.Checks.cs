using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using Hmm.Core;
using Hmm.Core.Diagnostics;
using Hmm.Pager.Spaces;
using Hmm.Simulation.Stress;

namespace Hmm.Pager.Exports;

// Checks for tests: is everything as it must be?
public static unsafe partial class PagerExports
{
    /// <summary><c>int hmm_check(void *space, char *buffer, int length)</c>: checks the numbered rules, while nobody uses the space or its memory.</summary>
    /// <param name="space">The space.</param>
    /// <param name="buffer">Where violations go, a line each, UTF-8 without a final zero, cut if there are too many.</param>
    /// <param name="length">Bytes of the buffer.</param>
    /// <returns>Bytes written: 0 if every rule holds; or a negative error number.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_check")]
    public static int Check(nint space, byte* buffer, int length) => Run(space, ((nint)buffer, length), &CheckRules);

    /// <summary><c>int hmm_check_empty(void *space, char *buffer, int length)</c>: as <c>hmm_check</c>, and that nothing is in use: no frame, no page of a device.</summary>
    /// <param name="space">The space; nothing is mapped in it any more.</param>
    /// <param name="buffer">As there.</param>
    /// <param name="length">As there.</param>
    /// <returns>As there.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_check_empty")]
    public static int CheckEmpty(nint space, byte* buffer, int length) => Run(space, ((nint)buffer, length), &CheckNothingLeft);

    /// <summary><c>void hmm_watch_locks(void)</c>: watches the lock order, and counts who waits; of no effect once a space has been made.</summary>
    [UnmanagedCallersOnly(EntryPoint = "hmm_watch_locks")]
    public static void WatchLocks() => StressLocks.Watch();

    /// <summary><c>int hmm_lock_waits(char *buffer, int length)</c>: a line for each kind of lock, its name and how often somebody waited for it, most first; then
    /// what was found against the lock order, each line beginning with INV.</summary>
    /// <param name="buffer">Where they go, UTF-8 without a final zero, cut if there are too many.</param>
    /// <param name="length">Bytes of the buffer.</param>
    /// <returns>Bytes written; 0 if locks are not watched.</returns>
    [UnmanagedCallersOnly(EntryPoint = "hmm_lock_waits")]
    public static int GetLockWaits(byte* buffer, int length)
    {
        if (!StressLocks.IsWatched)
        {
            return 0;
        }

        long[] waits = StressLocks.ReadWaits();
        List<string> lines = StressLocks.Name(waits, new long[waits.Length]).ConvertAll(wait => string.Create(CultureInfo.InvariantCulture, $"{wait.Key} {wait.Value}"));
        foreach (StressViolation violation in StressLocks.Violations)
        {
            lines.Add(violation.ToString());
        }

        return Write(lines, buffer, length);
    }

    private static HmmStatus CheckNothingLeft(LiveSpace space, (nint Buffer, int Length) a)
    {
        List<InvariantViolation> violations = [];
        space.CheckNothingLeft(violations);
        return (HmmStatus)Write(violations, (byte*)a.Buffer, a.Length);
    }

    private static HmmStatus CheckRules(LiveSpace space, (nint Buffer, int Length) a)
    {
        List<InvariantViolation> violations = [];
        space.Check(violations);
        return (HmmStatus)Write(violations, (byte*)a.Buffer, a.Length);
    }

    private static int Write<T>(List<T> lines, byte* buffer, int length)
    {
        Utf8.FromUtf16(string.Join('\n', lines), new Span<byte>(buffer, Math.Max(length, 0)), out _, out int written);
        return written;
    }
}
