using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using Hmm.Live;
using Hmm.Simulation.Stress;

namespace Hmm.Stress;

/// <summary>Many threads on real memory under a small RAM limit, with checkers that know the truth: the engine behind real page faults.</summary>
/// <remarks>
/// CPUs, the kernel and devices read, write and add; pages move, lose permissions, are unmapped and moved meanwhile. No read may find stale or foreign data, no write may be
/// lost, nothing may be touched that is not there, the limit holds, no thread hangs, and the pager's own rules hold at the end, when nothing may be left.
/// </remarks>
public static class LiveStressRun
{
    /// <summary>A thread that ends no operation for so long is stuck: pools are files, and disks may be busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs until the time is up or something is found.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>How it went.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is not 1 to <see cref="StressOptions.ThreadsMax"/>.</exception>
    /// <exception cref="PlatformNotSupportedException">The host lacks something; the message says what helps.</exception>
    /// <remarks>One run at a time in a process, which has no other live memory: what is left at its end is counted by process. After a run that found a thread
    /// stuck, that thread and the space are left behind.</remarks>
    public static StressReport Run(LiveStressOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Threads, StressOptions.ThreadsMax, nameof(options));
        PagerLibrary.Load();
        PagerLocks.Watch();
        Leftovers before = Leftovers.Count();
        LiveStressWorld world = new(options);
        LiveStressWorker[] workers = new LiveStressWorker[options.Threads];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new LiveStressWorker(world, options.Seed, i);
        }

        ResidentWatch resident = new(world);
        StressWatch watch = new([.. workers, resident], world.Log, Patience);
        long start = Stopwatch.GetTimestamp();
        bool isInterrupted = watch.Run(options.Duration, cancellation);
        world.Stop();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        List<string> notes = [];
        if (watch.TryJoin())
        {
            Describe(world, resident, notes);
            End(world, workers);
            foreach (string left in Leftovers.Count().Exceeding(before))
            {
                world.Log.Add("leak", $"{left} are left after the space has been disposed");
            }
        }

        List<KeyValuePair<string, long>> waits = PagerLocks.Read(out IReadOnlyList<StressViolation> orders);
        return new StressReport(elapsed, Count(workers), waits, [.. world.Log.ToList(), .. orders], isInterrupted) { Notes = notes };
    }

    // The truth once more when nobody changes it, the pager's rules, and what is left.
    private static void End(LiveStressWorld world, LiveStressWorker[] workers)
    {
        workers[0].CheckEverything();
        world.CheckRules();
        world.CheckNothingLeft();
        foreach (LiveStressWorker worker in workers)
        {
            worker.Dispose();
        }

        world.Dispose();
    }

    private static void Describe(LiveStressWorld world, ResidentWatch resident, List<string> notes)
    {
        LiveStatistics statistics = world.Space.Statistics;
        notes.Add(string.Create(
            CultureInfo.InvariantCulture, $"resident, as the kernel counts: at most {resident.Highest >> 10} KiB under a limit of {world.RamLimit >> 10} KiB"));
        notes.Add(string.Create(
            CultureInfo.InvariantCulture, $"{statistics.Faults} faults, {statistics.PagesOut} pages left RAM, {statistics.Evictions} of them for the limit, {statistics.PagesIn} came back"));
        if (!world.SystemCallsWork)
        {
            notes.Add("read(2) and write(2) were left out: without CAP_SYS_PTRACE, /dev/userfaultfd or vm.unprivileged_userfaultfd=1 the kernel's accesses to pages that are not mapped fail.");
        }
    }

    private static List<KeyValuePair<string, long>> Count(LiveStressWorker[] workers)
    {
        List<KeyValuePair<string, long>> counts = [];
        foreach (LiveStressOperation operation in Enum.GetValues<LiveStressOperation>())
        {
            long sum = 0;
            foreach (LiveStressWorker worker in workers)
            {
                sum += worker.CountOf(operation);
            }

            counts.Add(new(operation.ToString(), sum));
        }

        return counts;
    }
}
