using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Benchmarks;

/// <summary>Replays of traces that are made on the fly: nanoseconds a page access that hits, and a fault that is served.</summary>
/// <remarks>The baseline of hits is making and reading the accesses alone; that of faults is the modelled CPU's own first touch of as many pages. 10 million a second are
/// 100 ns, a million a second are 1000 ns. Processor time is counted, since what is asked is what one core does.</remarks>
internal sealed class ReplayBench(CancellationToken cancellation)
{
    private const int Pages = 1 << 16;
    private const int Runs = 5;
    private const long Hits = 4_000_000;

    /// <summary>Until the compiler has made its best of what runs: what it takes is processor time as well.</summary>
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(700);

    public IReadOnlyList<BenchResult> Run() =>
    [
        Hit("device hits, 256 MiB in order", 1, isRandom: false),
        Hit("device hits, 256 MiB by chance", 1, isRandom: true),
        Hit("CPU hits, 256 MiB in order", Agents.Cpu, isRandom: false),
        Hit("CPU hits, 256 MiB by chance", Agents.Cpu, isRandom: true),
        Fault("nouveau-page", 2.0, isRandom: false),
        Fault("nouveau-window", 2.0, isRandom: false),
        Fault("uvm", 2.0, isRandom: false),
        Fault("uvm", 2.0, isRandom: true),
        Fault("uvm", 0.8, isRandom: false),
        Fault("gpusvm", 2.0, isRandom: false),
        Fault("kfd", 2.0, isRandom: false),
        Fault("odp-explicit", 2.0, isRandom: true, prefetch: "none"),
    ];

    private BenchResult Hit(string name, int agent, bool isRandom)
    {
        // What the pages cost that are touched first is in both runs.
        (double few, _) = Replay("uvm", 2.0, agent, Hits / 4, isRandom);
        (double many, _) = Replay("uvm", 2.0, agent, Hits + (Hits / 4), isRandom);
        double baseline = Time(() => Read(agent, Hits, isRandom));
        return BenchResult.Of(name, (many - few) / Hits, baseline / Hits);
    }

    private BenchResult Fault(string profile, double memory, bool isRandom, string? prefetch = null)
    {
        (double time, ReplayReport report) = Replay(profile, memory, 1, Pages, isRandom, prefetch);
        (double cpu, _) = Replay(profile, memory, Agents.Cpu, Pages, isRandom);
        long faults = Math.Max(report.DeviceFaults.Total, 1);
        string order = isRandom ? "by chance" : "in order";
        string room = memory >= 1 ? "" : $", device memory {memory * 100:F0} % of the data";
        return BenchResult.Of($"faults served, {profile}, {order}{room} ({(double)report.PagesMapped / faults:F1} pages each)", time / faults, cpu / Pages);
    }

    private (double Time, ReplayReport Report) Replay(string profile, double memory, int agent, long count, bool isRandom, string? prefetch = null)
    {
        ReplayOptions options = new()
        {
            Profile = DriverProfiles.Find(profile),
            Catalog = BuiltInPolicies.CreateCatalog(),
            DeviceMemoryBytes = (ulong)(Pages * memory) * PageConstants.PageSize,
            Policies = prefetch == null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["prefetch"] = prefetch },
        };
        Replayer replayer = new(options);
        ReplayReport report = new();
        double time = Time(() =>
        {
            using SteadyAccesses source = new(agent, AccessKind.Write, Pages, count, isRandom);
            report = replayer.Run(source, "bench", cancellation: cancellation);
        });
        return (time, report);
    }

    private static void Read(int agent, long count, bool isRandom)
    {
        using SteadyAccesses source = new(agent, AccessKind.Write, Pages, count, isRandom);
        PageAccess[] buffer = new PageAccess[4096];
        ulong sum = 0;
        bool goesOn = true;
        while (goesOn)
        {
            goesOn = source.TryRead(buffer, out int read);
            foreach (ref readonly PageAccess access in buffer.AsSpan(0, read))
            {
                sum += access.PageNumber;
            }
        }

        GC.KeepAlive(sum);
    }

    private double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_warmUp)
        {
            cancellation.ThrowIfCancellationRequested();
            action();
        }

        double[] times = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            TimeSpan before = Environment.CpuUsage.TotalTime;
            action();
            times[run] = (Environment.CpuUsage.TotalTime - before).TotalNanoseconds;
        }

        return Stopclock.Median(times);
    }
}
