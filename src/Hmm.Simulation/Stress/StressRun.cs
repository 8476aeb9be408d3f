using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Hmm.Simulation.Stress;

/// <summary>Many threads on few pages, with checkers that know the truth: the engine under real concurrency.</summary>
/// <remarks>CPU threads and mirror drivers of every generation share two processes. Set the application switch of <see cref="WatchLocks"/> first to
/// have the lock order checked as well.</remarks>
public static class StressRun
{
    /// <summary>A thread that makes no progress for so long is stuck. Long, since other work on the machine must not look like a deadlock, which lasts.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Turns the watching of locks on; of no effect once the engine has been used in this process.</summary>
    public static void WatchLocks() => StressLocks.Watch();

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

        long[] waitsBefore = StressLocks.ReadWaits();
        long start = Stopwatch.GetTimestamp();
        StressWatch watch = new(workers, world.Log, Patience);
        bool isInterrupted = watch.Run(options.Duration, cancellation);
        world.Stop();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);

        // A thread that does not come back keeps the machine: what it may still touch must not be freed.
        if (watch.TryJoin())
        {
            world.CheckAtRest();
            world.Dispose();
        }

        return new StressReport(
            elapsed, Count(workers), StressLocks.IsWatched ? StressLocks.Name(StressLocks.ReadWaits(), waitsBefore) : [], world.Log.ToList(), isInterrupted);
    }

    private static List<KeyValuePair<string, long>> Count(StressWorker[] workers)
    {
        List<KeyValuePair<string, long>> counts = [];
        foreach (StressOperation operation in Enum.GetValues<StressOperation>())
        {
            long sum = 0;
            foreach (StressWorker worker in workers)
            {
                sum += worker.CountOf(operation);
            }

            counts.Add(new(operation.ToString(), sum));
        }

        return counts;
    }
}
