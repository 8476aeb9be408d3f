using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Hmm.Core.Locking;

namespace Hmm.Simulation.Stress;

/// <summary>Many threads on few pages, with checkers that know the truth: the engine under real concurrency.</summary>
/// <remarks>CPU threads and mirror drivers of every generation share two processes. Set the application switch of <see cref="WatchLocks"/> first to
/// have the lock order checked as well.</remarks>
public static class StressRun
{
    /// <summary>A thread that makes no progress for so long is stuck. Long, since other work on the machine must not look like a deadlock, which lasts.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(20);

    /// <summary>Turns the watching of locks on; of no effect once the engine has been used in this process.</summary>
    public static void WatchLocks() => AppContext.SetSwitch(LockOrder.SwitchName, true);

    /// <summary>Runs until the time is up or something is found.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>How it went.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is not 1 to <see cref="StressOptions.ThreadsMax"/>.</exception>
    /// <remarks>Several runs at once do not disturb each other but for the counts of waits, which are the process's.</remarks>
    public static StressReport Run(StressOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Threads, StressOptions.ThreadsMax, nameof(options));
        StressWorld world = new(options);
        StressWorker[] workers = new StressWorker[options.Threads];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new StressWorker(world, options.Seed, i);
        }

        long[] waitsBefore = ReadWaits();
        long start = Stopwatch.GetTimestamp();
        bool isInterrupted = Watch(world, workers, options.Duration, cancellation);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        if (TryJoin(world, workers))
        {
            world.CheckAtRest();
            world.Dispose();
        }

        return new StressReport(options, elapsed, Count(workers), RankWaits(waitsBefore), world.Log.ToList(), isInterrupted);
    }

    private static bool Watch(StressWorld world, StressWorker[] workers, TimeSpan duration, CancellationToken cancellation)
    {
        foreach (StressWorker worker in workers)
        {
            worker.Start();
        }

        long start = Stopwatch.GetTimestamp();
        (long Progress, long Since)[] seen = new (long, long)[workers.Length];
        Array.Fill(seen, (0, start));
        bool isInterrupted = false;
        while (!world.IsOver && !isInterrupted && Stopwatch.GetElapsedTime(start) < duration)
        {
            isInterrupted = cancellation.WaitHandle.WaitOne(LookPeriod);
            for (int i = 0; i < workers.Length; i++)
            {
                if (workers[i].Progress != seen[i].Progress)
                {
                    seen[i] = (workers[i].Progress, Stopwatch.GetTimestamp());
                }
                else if (Stopwatch.GetElapsedTime(seen[i].Since) > Patience)
                {
                    world.Log.Add("stuck", $"no progress for {Patience.TotalSeconds} s: {workers[i].Describe()}");
                    seen[i].Since = Stopwatch.GetTimestamp();
                }
            }
        }

        world.Stop();
        return isInterrupted;
    }

    // A thread that does not come back keeps the machine: what it may still touch must not be freed.
    private static bool TryJoin(StressWorld world, StressWorker[] workers)
    {
        bool isDone = true;
        long start = Stopwatch.GetTimestamp();
        foreach (StressWorker worker in workers)
        {
            // They end together, so they are waited for together.
            TimeSpan left = Patience - Stopwatch.GetElapsedTime(start);
            if (!worker.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero))
            {
                world.Log.Add("stuck", $"never ended: {worker.Describe()}");
                isDone = false;
            }
        }

        return isDone;
    }

    private static List<KeyValuePair<StressOperation, long>> Count(StressWorker[] workers)
    {
        List<KeyValuePair<StressOperation, long>> counts = [];
        foreach (StressOperation operation in Enum.GetValues<StressOperation>())
        {
            long sum = 0;
            foreach (StressWorker worker in workers)
            {
                sum += worker.CountOf(operation);
            }

            counts.Add(new(operation, sum));
        }

        return counts;
    }

    private static long[] ReadWaits()
    {
        long[] waits = new long[LockOrder.RankCount];
        for (int rank = 0; rank < waits.Length; rank++)
        {
            waits[rank] = LockOrder.WaitsFor((LockRank)rank);
        }

        return waits;
    }

    private static List<KeyValuePair<string, long>> RankWaits(long[] before)
    {
        List<KeyValuePair<string, long>> waits = [];
        long[] now = ReadWaits();
        for (LockRank rank = LockRank.None + 1; (int)rank < now.Length && LockOrder.IsWatched; rank++)
        {
            waits.Add(new(rank.ToString(), now[(int)rank] - before[(int)rank]));
        }

        waits.Sort((one, other) => other.Value.CompareTo(one.Value));
        return waits;
    }
}
