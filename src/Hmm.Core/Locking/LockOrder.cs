using System;
using System.Threading;

namespace Hmm.Core.Locking;

/// <summary>Watches the lock order of the engine and counts who had to wait: a check for stress runs and tests, off by default.</summary>
/// <remarks>
/// INV-14: whoever waits for a lock holds none of the same rank or a higher one, so no circle of waiting threads can form. The switch is read
/// once; while it is off, the compiler drops every check.
/// </remarks>
internal static class LockOrder
{
    /// <summary>The application switch that turns watching on, before the engine is used first.</summary>
    public const string SwitchName = "Hmm.Core.WatchLocks";

    public const int RankCount = (int)LockRank.MirrorRange + 1;

    /// <summary>Whether locks are watched.</summary>
    public static readonly bool IsWatched = AppContext.TryGetSwitch(SwitchName, out bool isOn) && isOn;

    private static readonly long[] Waits = new long[RankCount];

    [ThreadStatic]
    private static HeldLocks? t_held;

    /// <summary>Is told of violations by threads that have nobody else to tell; null for nobody.</summary>
    public static Action<string>? Unclaimed { get; set; }

    /// <summary>What this thread holds.</summary>
    public static HeldLocks Current => t_held ??= new HeldLocks();

    /// <summary>How often somebody had to wait for a lock of this rank since the process started.</summary>
    public static long WaitsFor(LockRank rank) => Interlocked.Read(ref Waits[(int)rank]);

    /// <summary>A lock is about to be waited for, if need be.</summary>
    public static void Entering(LockRank rank)
    {
        HeldLocks held = Current;
        if (rank != LockRank.None && held.HoldsFrom(rank))
        {
            Report(rank);
        }

        held.Rest?.Invoke();
    }

    /// <summary>A second lock of a rank is about to be taken, where the design says so.</summary>
    public static void EnteringNested(LockRank rank)
    {
        if (Current.HoldsFrom(rank + 1))
        {
            Report(rank);
        }
    }

    /// <summary>The lock is taken by somebody else, and this thread waits now.</summary>
    public static void Contended(LockRank rank)
    {
        Interlocked.Increment(ref Waits[(int)rank]);
        Current.Waiting = rank;
    }

    /// <summary>The lock is taken.</summary>
    public static void Entered(LockRank rank)
    {
        HeldLocks held = Current;
        held.Waiting = LockRank.None;
        if (rank != LockRank.None)
        {
            held.Add(rank);
        }

        held.Rest?.Invoke();
    }

    /// <summary>The lock is given back.</summary>
    public static void Exited(LockRank rank)
    {
        HeldLocks held = Current;
        held.Rest?.Invoke();
        held.Remove(rank);
    }

    /// <summary>What was waited for without taking anything has come.</summary>
    public static void WaitEnded() => Current.Waiting = LockRank.None;

    private static void Report(LockRank rank) =>
        (Current.Violated ?? Unclaimed)?.Invoke($"waits for a lock of rank {rank} while it holds {Current.Describe()}");
}
