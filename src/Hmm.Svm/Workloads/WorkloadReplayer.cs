using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Svm.Devices;
using Hmm.Svm.Replay;
using Hmm.Svm.Services;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>Runs a workload on devices under one driver profile: real bytes, through the devices' page tables, with every fault served.</summary>
/// <remarks>Not thread-safe. Deterministic. The CPU handles 8 bytes a nanosecond of modelled time and a device 32, beside what the cost model says.</remarks>
public sealed class WorkloadReplayer
{
    private readonly ReplayOptions _options;
    private readonly List<TraceMapping> _mappings = [];

    /// <summary>Prepares a run.</summary>
    /// <param name="options">What it is made of; frames have bytes in any case.</param>
    /// <exception cref="FormatException">Options that make no sense; the message is a sentence for the user.</exception>
    public WorkloadReplayer(ReplayOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options with { HasContents = true };
        _ = new Replayer(_options);
    }

    /// <summary>The arrays that the workload has mapped, by name.</summary>
    public IReadOnlyList<TraceMapping> Mappings => _mappings;

    /// <summary>Runs a workload to its end.</summary>
    /// <param name="workload">The workload; it is used up.</param>
    /// <param name="input">What to call it in the report.</param>
    /// <param name="difference">Null if the result is right; else a sentence that names the first difference, or the access that failed.</param>
    /// <param name="cancellation">Ends the run early.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ReplayReport Run(Workload workload, string input, out string? difference, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(workload);
        using CountingMachine machine = new(hasContents: true);
        ulong frames = _options.SystemMemoryBytes / PageConstants.PageSize ?? ulong.MaxValue;
        using MemorySystem memory = new(machine, frames);
        AddressSpace space = memory.CreateAddressSpace();
        try
        {
            SvmSystem system = new(memory, _options);
            SvmSpace attached = system.Attach(space);
            PageSet touched = new();
            WatchedMemory cpu = new(new CpuMemoryView(system, attached), system, touched);
            List<IAgentMemory> devices = [];
            foreach (SvmDevice device in system.Devices)
            {
                devices.Add(new WatchedMemory(new DeviceMemoryView(device, attached), system, touched));
            }

            WorkloadLayout layout = new();
            WorkloadContext context = new(cpu, devices, (name, bytes) => Map(space, layout, name, bytes), cancellation: cancellation);
            difference = Run(workload, context);
            foreach (SvmDevice device in system.Devices)
            {
                device.Migration.WaitForCopies();
            }

            return system.ReadReport() with { Input = input, PagesTouched = touched.Count };
        }
        finally
        {
            space.Exit();
        }
    }

    private static string? Run(Workload workload, WorkloadContext context)
    {
        try
        {
            return workload.Run(context);
        }
        catch (WorkloadException failure)
        {
            return failure.Message;
        }
    }

    private VirtualAddress Map(AddressSpace space, WorkloadLayout layout, string name, ulong bytes)
    {
        VirtualRange range = layout.Place(bytes);
        HmmStatus status = space.MapAnonymous(range, Protection.Read | Protection.Write);
        if (status != HmmStatus.Success)
        {
            throw new WorkloadException(Agents.Cpu, range.Start, status);
        }

        _mappings.Add(new TraceMapping(range, name));
        return range.Start;
    }
}
