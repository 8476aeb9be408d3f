using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>Runs a workload on devices under one driver profile: real bytes, through the devices' page tables, with every fault served.</summary>
/// <remarks>Not thread-safe. Deterministic.</remarks>
public sealed class WorkloadReplayer
{
    private readonly ReplayOptions _options;
    private readonly List<TraceMapping> _mappings = [];

    /// <summary>Prepares a run.</summary>
    /// <param name="options">What it is made of; frames have bytes in any case.</param>
    /// <exception cref="FormatException">Options that make no sense; the message is a sentence for the user.</exception>
    public WorkloadReplayer(ReplayOptions options)
    {
        _options = options;
        _ = new Replayer(options);
    }

    /// <summary>The arrays that the workload has mapped, by name.</summary>
    public IReadOnlyList<TraceMapping> Mappings => _mappings;

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
        using SvmMachine machine = new(_options);
        try
        {
            difference = workload.Run(new WorkloadContext(machine.Cpu, machine.Devices, Map, cancellation: cancellation));
        }
        catch (WorkloadException failure)
        {
            difference = failure.Message;
        }

        return machine.Finish(input);

        VirtualAddress Map(string name, ulong bytes)
        {
            VirtualAddress start = machine.Map(bytes);
            _mappings.Add(new TraceMapping(VirtualRange.FromPages(start, bytes / PageConstants.PageSize), name));
            return start;
        }
    }
}
