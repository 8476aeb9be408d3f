using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hmm.Cli.Tracing;
using Hmm.Live.Replay;
using Hmm.Svm.Replay;
using Hmm.Svm.Reports;
using Hmm.Svm.Traces;
using Hmm.Svm.Workloads;

namespace Hmm.Cli.Replaying;

/// <summary>Runs every configuration on the input, one after the other.</summary>
internal sealed class ReplayMatrix(ReplayInput input, ReplaySettings settings, CancellationToken cancellation)
{
    /// <summary>Names for pieces of the address space: the trace's, or those of the workload that has run.</summary>
    public IReadOnlyList<TraceMapping> Mappings { get; private set; } = input.Mappings;

    /// <summary>All configurations: profiles, within them sizes, within them policies. Each is checked before the first one runs.</summary>
    /// <exception cref="FormatException">One makes no sense; the message is a sentence for the user.</exception>
    /// <exception cref="PlatformNotSupportedException">Live memory is wanted, and does not work here; the message says what helps.</exception>
    public IReadOnlyList<ReplayOptions> Configurations()
    {
        List<ReplayOptions> all =
        [
            .. from profile in settings.Profiles
               from size in settings.Sizes
               from policies in settings.Policies
               select new ReplayOptions
               {
                   Profile = profile,
                   Catalog = settings.Catalog,
                   DeviceMemoryBytes = size.Of(input.TouchedBytes),
                   Devices = settings.Devices ?? input.Devices,
                   Policies = policies,
                   Costs = settings.Costs,
                   InFlight = settings.InFlight,
                   HasContents = input.IsWorkload,
               },
        ];
        all.ForEach(options => _ = IsLive ? (object)new LiveReplayer(options) : new Replayer(options));
        return all;
    }

    /// <summary>Runs them.</summary>
    /// <param name="configurations">The configurations.</param>
    /// <param name="tell">Gets a line for each decision; null if they are not told.</param>
    /// <param name="progress">Told how many accesses have been replayed, in all runs together.</param>
    public IReadOnlyList<ReportRun> Run(IReadOnlyList<ReplayOptions> configurations, Action<string>? tell, Action<long> progress)
    {
        List<ReportRun> runs = [];
        foreach (ReplayOptions options in configurations)
        {
            RunRecording? recording = settings.Html is not null || settings.Picture is not null ? new RunRecording() : null;
            DecisionLog? log = settings.Explains ? new DecisionLog(tell, settings.ExplainLimit) : null;
            if (tell is not null && configurations.Count > 1)
            {
                tell(new ReportRun(new ReplayReport { Profile = options.Profile.Name, DeviceMemoryBytes = options.DeviceMemoryBytes, Policies = options.Policies }, null, null, []).Label);
            }

            long before = runs.Count * input.Accesses;
            ReplayOptions watched = options with { Observer = ObserverGroup.Of(recording, log) };
            (ReplayReport report, string? difference) = RunWatched(watched, new Told(done => progress(before + done)));
            runs.Add(new ReportRun(report, recording, difference, log?.Tallies ?? []));
        }

        return runs;
    }

    // What a user's policy throws is no fault of this program.
    private (ReplayReport Report, string? Difference) RunWatched(ReplayOptions options, IProgress<long> progress)
    {
        try
        {
            return RunOne(options, progress);
        }
        catch (Exception failure) when (failure is not OperationCanceledException && PolicyChoice.FindIn(failure) is { } policy)
        {
            string message = string.Join(' ', failure.Message.Split('\n', StringSplitOptions.TrimEntries));
            throw new FormatException($"The policy '{policy.FullName}' failed in a run: {failure.GetType().Name}: {message}", failure);
        }
    }

    private bool IsLive => settings.MachineName == MachineCatalog.Live;

    private (ReplayReport Report, string? Difference) RunOne(ReplayOptions options, IProgress<long> progress)
    {
        if (IsLive)
        {
            return RunLive(new LiveReplayer(options), progress);
        }

        if (!input.IsWorkload)
        {
            using TraceReader reader = TraceFiles.OpenTrace(input.Name);
            return (new Replayer(options).Run(reader, input.Name, progress, cancellation), null);
        }

        WorkloadReplayer workloads = new(options);
        ReplayReport report = workloads.Run(WorkloadCatalog.Create(input.Name), input.Name, out string? difference, cancellation);
        Mappings = workloads.Mappings;
        return (report, difference);
    }

    private (ReplayReport Report, string? Difference) RunLive(LiveReplayer live, IProgress<long> progress)
    {
        string? difference;
        ReplayReport report;
        if (input.IsWorkload)
        {
            report = live.Run(WorkloadCatalog.Create(input.Name), input.Name, out difference, cancellation);
            Mappings = live.Mappings;
        }
        else
        {
            using TraceReader reader = TraceFiles.OpenTrace(input.Name);
            report = live.Run(reader, input.Name, out difference, progress, cancellation);
        }

        return (report, difference);
    }

    /// <summary>Told at once, on the thread that runs.</summary>
    private sealed class Told(Action<long> tell) : IProgress<long>
    {
        public void Report(long value) => tell(value);
    }
}
