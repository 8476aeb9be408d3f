using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Linux.Probing;
using Hmm.Svm.Devices;
using Hmm.Svm.Remoting;
using Hmm.Svm.Replay;
using Hmm.Svm.Services;
using Hmm.Svm.Traces;
using Hmm.Svm.Workloads;

namespace Hmm.Live.Replay;

/// <summary>Runs traces and workloads on real memory of this process: what <see cref="Replayer"/> and <see cref="WorkloadReplayer"/> do on simulated memory.</summary>
/// <remarks>
/// <para>The fault service runs in the pager; devices are modelled, and reach the memory through their page tables. The CPU's accesses are loads and stores of the
/// thread that calls: they fault through userfaultfd where a page is with a device, and the service brings it home.</para>
/// <para>Not thread-safe; several replayers can run on several threads. Equal input and options give equal reports, but for what is measured.</para>
/// </remarks>
public sealed class LiveReplayer
{
    private const int BufferAccesses = 4096;

    // Where the simulated machine begins, so that the arrays of a workload are in the same order and places.
    private const ulong FirstAddress = 0x7000_0000_0000;

    private readonly ReplayOptions _options;
    private readonly List<TraceMapping> _mappings = [];

    /// <summary>Prepares runs.</summary>
    /// <param name="options">What they are made of; frames have bytes in any case.</param>
    /// <exception cref="FormatException">Options that make no sense, or a policy that does not come with the product: the pager has a runtime of its own, and loads
    /// no assemblies. The message is a sentence for the user.</exception>
    /// <exception cref="PlatformNotSupportedException">Live memory does not work here; the message says what helps.</exception>
    public LiveReplayer(ReplayOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _ = new Replayer(options);
        if (options.Catalog.FindForeign(options.Profile.Policies, options.Policies) is { } foreign)
        {
            throw new FormatException(
                $"The policy '{foreign}' does not come with the product. On live memory the service runs in the pager, which loads no assemblies: use --machine sim.");
        }

        if ((PagerLibrary.Obstacle ?? UserfaultfdProbe.Run().Obstacle) is { } obstacle)
        {
            throw new PlatformNotSupportedException($"Live memory does not work on this host. {obstacle}");
        }
    }

    /// <summary>The arrays that the last workload has mapped, by name.</summary>
    public IReadOnlyList<TraceMapping> Mappings => _mappings;

    /// <summary>Whether to check the rules of the engine and the service after a run, and to add what is broken to the difference. Costs a look at every page.</summary>
    internal bool ChecksRules { get; init; }

    /// <summary>Seed of what comes in between by chance, as <see cref="ChaosHooks"/> does it; null for nothing.</summary>
    internal int? ChaosSeed { get; init; }

    /// <summary>Runs a trace to its end. The devices' accesses are handed to the pager in batches.</summary>
    /// <param name="source">The accesses.</param>
    /// <param name="input">What to call the input in the report.</param>
    /// <param name="difference">Null if all that was written was in memory at the end; else a sentence.</param>
    /// <param name="progress">Is told how many accesses have been replayed, now and then; or null.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="FormatException">The source names an agent that does not exist, or addresses that this process has no room for; the message is a sentence.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ReplayReport Run(
        IAccessSource source, string input, out string? difference, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        using ServiceSpace space = new(_options);
        long shift = TraceShift.Map(space, source.Ranges) >> PageConstants.PageShift;
        space.Open(
            ServiceRequest.Of(_options, isTrace: true, mapsOnDemand: source.Ranges.Count == 0) with { ChaosSeed = ChaosSeed }, _options.Observer, shift);
        TraceCpu cpu = new();
        PageAccess[] buffer = new PageAccess[BufferAccesses];
        long done = 0;
        long start = Stopwatch.GetTimestamp();
        bool goesOn = true;
        while (goesOn)
        {
            cancellation.ThrowIfCancellationRequested();
            goesOn = source.TryRead(buffer, out int count);
            Play(space, cpu, buffer.AsSpan(0, count), shift);
            done += count;
            progress?.Report(done);
        }

        ServiceAnswer answer = space.Finish(out long end);
        cpu.CompareAll(answer.DeviceStores);
        difference = Judge(space, cpu.Difference);
        return Complete(answer, input, Stopwatch.GetElapsedTime(start, end)) with { Damage = source.Damage };
    }

    /// <summary>Runs a workload to its end.</summary>
    /// <param name="workload">The workload; it is used up.</param>
    /// <param name="input">What to call it in the report.</param>
    /// <param name="difference">Null if the result is right; else a sentence that names the first difference, or the access that failed.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="FormatException">The workload's memory cannot be mapped; the message is a sentence for the user.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ReplayReport Run(Workload workload, string input, out string? difference, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(workload);
        using ServiceSpace space = new(_options);
        space.Open(ServiceRequest.Of(_options, isTrace: false, mapsOnDemand: false) with { ChaosSeed = ChaosSeed }, _options.Observer, 0);
        IAgentMemory[] devices = new IAgentMemory[_options.Devices];
        for (int i = 0; i < devices.Length; i++)
        {
            devices[i] = new LiveDeviceMemory(space, Agents.FirstDevice + i);
        }

        _mappings.Clear();
        ulong next = FirstAddress;
        long start = Stopwatch.GetTimestamp();
        try
        {
            difference = workload.Run(new WorkloadContext(new LiveCpuMemory(space), devices, Map, cancellation: cancellation));
        }
        catch (WorkloadException failure)
        {
            difference = failure.Message;
        }

        ServiceAnswer answer = space.Finish(out long end);
        ReplayReport report = Complete(answer, input, Stopwatch.GetElapsedTime(start, end));
        difference = Judge(space, difference);
        return report;

        VirtualAddress Map(string name, ulong bytes)
        {
            VirtualRange range = VirtualRange.FromPages(new VirtualAddress(next), bytes >> PageConstants.PageShift);
            HmmStatus status = space.Map(range);
            VirtualAddress place = range.Start;
            if (status == HmmStatus.Exists)
            {
                status = space.Map(bytes, out place);
            }

            if (status != HmmStatus.Success)
            {
                throw new FormatException($"{bytes} bytes cannot be mapped: {status.ErrnoName()}.");
            }

            // A hole behind each, as on the simulated machine.
            next = (range.End.Value + (2 * PageConstants.PmdSize) - 1) & ~(PageConstants.PmdSize - 1);
            _mappings.Add(new TraceMapping(VirtualRange.FromPages(place, bytes >> PageConstants.PageShift), name));
            return place;
        }
    }

    private static void Play(ServiceSpace space, TraceCpu cpu, Span<PageAccess> accesses, long shift)
    {
        for (int i = 0; i < accesses.Length && shift != 0; i++)
        {
            accesses[i] = accesses[i] with { PageNumber = accesses[i].PageNumber + (ulong)shift };
        }

        while (!accesses.IsEmpty)
        {
            int count = 0;
            while (count < accesses.Length && accesses[count].Agent != Agents.Cpu)
            {
                count++;
            }

            if (count > 0)
            {
                cpu.Note(accesses[..count]);
                space.Play(accesses[..count]);
            }
            else
            {
                count = 1;
                space.Begin(accesses[0]);
                cpu.Do(accesses[0]);
            }

            accesses = accesses[count..];
        }
    }

    private static ReplayReport Complete(ServiceAnswer answer, string input, TimeSpan time) => answer.Report with
    {
        Input = input,
        Measured = answer.Report.Measured! with { WallTime = (long)time.TotalNanoseconds },
    };

    private string? Judge(ServiceSpace space, string? difference) => difference == null && ChecksRules && space.CheckRules() is { Length: > 0 } broken ? broken : difference;
}
