using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Pager.Faults;
using Hmm.Pager.Spaces;
using Hmm.Svm.Remoting;
using Hmm.Svm.Replay;
using Hmm.Svm.Services;
using Hmm.Svm.Traces;

namespace Hmm.Pager.Services;

/// <summary>The GPU fault service on a live space: modelled devices with private memory, whose driver moves the pages of real memory.</summary>
/// <remarks>
/// <para>Devices are served on the thread that calls, CPU faults on the space's fault thread. Neither waits for the other but for locks of the engine and of the
/// service, which nobody holds while touching the view: devices and copies reach system pages through the alias.</para>
/// <para>One thread drives it, and makes the CPU's accesses. Managed memory is allocated, also on the fault thread: nothing here waits for live memory, so a
/// collection can always be done.</para>
/// </remarks>
internal sealed class LiveService
{
    private readonly LiveSpace _space;
    private readonly SvmSystem _system;
    private readonly SvmSpace _process;
    private readonly EventWriter? _events;
    private readonly AccessMeter? _meter;
    private readonly DeviceMemoryView[] _devices = [];
    private readonly TraceContents? _contents;
    private readonly ReplayRun? _trace;
    private PageAccess _cpuAccess;

    /// <param name="space">The space.</param>
    /// <param name="request">The profile, the devices and all else.</param>
    /// <exception cref="FormatException">Options that make no sense; the message is a sentence for the user.</exception>
    public LiveService(LiveSpace space, ServiceRequest request)
    {
        _space = space;
        _events = request.WantsEvents ? new EventWriter(request.WantsAccesses, request.WantsDecisions) : null;
        _system = new SvmSystem(space.Memory, request.ToOptions(_events));
        _system.Hooks = request.ChaosSeed is { } seed ? new ChaosHooks(seed) : null;
        _process = _system.Attach(space.Space);
        if (request.IsTrace)
        {
            _contents = new TraceContents(space.Memory);
            _trace = new ReplayRun(_system, _process, Map, request.MapsOnDemand) { Contents = _contents };
            foreach (SvmDevice device in _system.Devices)
            {
                device.Gpu.Done = _contents.Perform;
            }
        }
        else
        {
            _meter = new AccessMeter(_system);
            _devices = new DeviceMemoryView[_system.Devices.Count];
            for (int i = 0; i < _devices.Length; i++)
            {
                _devices[i] = new DeviceMemoryView(_system.Devices[i], _process, _meter);
            }
        }
    }

    private ReplayRun Trace => _trace ?? throw new InvalidOperationException("The service was opened for a program, not for a trace.");

    private AccessMeter Meter => _meter ?? throw new InvalidOperationException("The service was opened for a trace, not for a program.");

    /// <summary>What a device reaches of the space.</summary>
    /// <param name="agent">The device, from 1.</param>
    public DeviceMemoryView Device(int agent) => (uint)(agent - Agents.FirstDevice) < (uint)_devices.Length
        ? _devices[agent - Agents.FirstDevice]
        : throw new ArgumentOutOfRangeException(nameof(agent), agent, "A program's service has no device of this number.");

    /// <summary>Plays accesses of a trace's devices.</summary>
    public void Play(ReadOnlySpan<PageAccess> accesses)
    {
        EndCpu();
        Trace.Play(accesses);
        _space.Memory.RecycleFrames();
    }

    /// <summary>The CPU is about to make an access of a trace.</summary>
    public void BeginCpu(in PageAccess access)
    {
        EndCpu();
        Trace.BeginCpu(access);
        _cpuAccess = access;
    }

    /// <summary>The CPU is about to access bytes for a program.</summary>
    public void NoteCpu(AccessKind kind, VirtualAddress address, ulong length) => Meter.NoteCpu(kind, address, length);

    /// <summary>Takes what observers have to be told.</summary>
    /// <returns>How many bytes there are; they are taken only if there is room for all.</returns>
    public int TakeEvents(Span<byte> target) => _events?.Take(target) ?? 0;

    /// <summary>Waits for the devices, and reports.</summary>
    public ServiceAnswer Finish()
    {
        EndCpu();
        ReplayReport report = _trace?.Finish() ?? _system.Finish(Meter);
        _space.Memory.RecycleFrames();
        long toDevice = 0, toSystem = 0;
        foreach (SvmDevice device in _system.Devices)
        {
            toDevice += device.Gpu.CopyEngine.PagesToDevice;
            toSystem += device.Gpu.CopyEngine.PagesToSystem;
        }

        LiveMeasurements measured = new()
        {
            MissingFaults = _space.Counters.Read(Counter.MissingFaults),
            MinorFaults = _space.Counters.Read(Counter.MinorFaults),
            WriteProtectFaults = _space.Counters.Read(Counter.WriteProtectFaults),
            PagesCopiedToDevice = toDevice,
            PagesCopiedToSystem = toSystem,
            RamBytes = _space.ResidentBytes,
        };
        return new ServiceAnswer(report with { Measured = measured }, _contents?.Stores ?? 0);
    }

    /// <summary>Checks the driver's rules, while nobody uses the space.</summary>
    public void Check(ICollection<InvariantViolation> violations) => SvmChecker.Check(_system, _process, violations);

    /// <summary>Closes the devices' channels. Their memory goes with the space.</summary>
    public void Close()
    {
        foreach (SvmDevice device in _system.Devices)
        {
            device.ChannelAt(_process.Index)?.Close();
        }
    }

    private void EndCpu()
    {
        if (_cpuAccess.Pages > 0)
        {
            Trace.EndCpu(_cpuAccess);
            _cpuAccess = default;
        }
    }

    private HmmStatus Map(VirtualRange range) => _space.MapAt(range, Protection.Read | Protection.Write, isShared: false);
}
