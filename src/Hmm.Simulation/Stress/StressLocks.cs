using System;
using System.Collections.Generic;
using Hmm.Core.Locking;

namespace Hmm.Simulation.Stress;

/// <summary>The locks of the engine in this process: watched if that was asked for in time, with who waited for what.</summary>
/// <remarks>Thread-safe.</remarks>
internal static class StressLocks
{
    private static readonly ViolationLog Log = new();

    /// <summary>Turns the watching of locks on; of no effect once the engine has been used in this process.</summary>
    public static void Watch()
    {
        AppContext.SetSwitch(LockOrder.SwitchName, true);
        LockOrder.Unclaimed = violation => Log.Add("INV-14", violation);
    }

    /// <summary>Whether locks are watched.</summary>
    public static bool IsWatched => LockOrder.IsWatched;

    /// <summary>Violations of the lock order by threads that nobody listens to.</summary>
    public static IReadOnlyList<StressViolation> Violations => Log.ToList();

    /// <summary>How often somebody had to wait until now, by rank; <see cref="Name"/> says which lock that is.</summary>
    public static long[] ReadWaits()
    {
        long[] waits = new long[LockOrder.RankCount];
        for (int rank = 0; rank < waits.Length; rank++)
        {
            waits[rank] = LockOrder.WaitsFor((LockRank)rank);
        }

        return waits;
    }

    /// <summary>Names waits, most often first; empty unless locks are watched.</summary>
    /// <param name="now">What was read last.</param>
    /// <param name="before">What was read first.</param>
    public static List<KeyValuePair<string, long>> Name(ReadOnlySpan<long> now, ReadOnlySpan<long> before)
    {
        List<KeyValuePair<string, long>> waits = [];
        for (LockRank rank = LockRank.None + 1; (int)rank < now.Length; rank++)
        {
            waits.Add(new(rank.ToString(), now[(int)rank] - before[(int)rank]));
        }

        waits.Sort((one, other) => other.Value.CompareTo(one.Value));
        return waits;
    }
}
