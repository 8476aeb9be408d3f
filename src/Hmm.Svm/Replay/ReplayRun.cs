using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Faults;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Services;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Replay;

/// <summary>One run of a replayer: plays accesses in order, and lets modelled time pass.</summary>
/// <remarks>One thread drives it and all its devices, so hits are counted without the state lock. CPU faults may be served on another, while the first one waits
/// for its access.</remarks>
internal sealed class ReplayRun
{
    private const ulong PagesEnd = PageConstants.UserSpaceEnd >> PageConstants.PageShift;

    private readonly SvmSystem _system;
    private readonly SvmSpace _space;
    private readonly SvmChannel[] _channels;
    private readonly IReplayObserver? _observer;
    private readonly TouchMap _touched = new();
    private readonly CpuTlb? _cpuTlb;
    private readonly Func<VirtualRange, HmmStatus> _map;
    private readonly bool _mapsOnDemand;
    private long _lastTime;
    private long _accesses;
    private long _cpuAccesses;
    private bool _devicesMayWait;

    /// <param name="system">The devices and their driver.</param>
    /// <param name="space">The process, attached.</param>
    /// <param name="map">Maps memory for reading and writing.</param>
    /// <param name="mapsOnDemand">Whether to map what is touched, in blocks of 2 MiB; otherwise the caller has mapped everything.</param>
    public ReplayRun(SvmSystem system, SvmSpace space, Func<VirtualRange, HmmStatus> map, bool mapsOnDemand)
    {
        _system = system;
        _space = space;
        _map = map;
        _channels = new SvmChannel[system.Devices.Count];
        for (int i = 0; i < _channels.Length; i++)
        {
            _channels[i] = system.Devices[i].Open(_space);
        }

        _observer = system.Options.Observer is { WantsAccesses: true } observer ? observer : null;
        _mapsOnDemand = mapsOnDemand;
        _cpuTlb = system.Options.HasContents ? null : new CpuTlb(space.Space);
    }

    /// <summary>Makes accesses of devices real, under the device's lock; null if only their pages matter.</summary>
    public TraceContents? Contents { get; init; }

    /// <summary>Plays accesses.</summary>
    public void Play(ReadOnlySpan<PageAccess> accesses)
    {
        while (!accesses.IsEmpty)
        {
            int agent = accesses[0].Agent;
            int run = 1;
            while (run < accesses.Length && accesses[run].Agent == agent)
            {
                run++;
            }

            if (agent == Agents.Cpu)
            {
                PlayCpu(accesses[..run]);
            }
            else if ((uint)(agent - 1) < (uint)_channels.Length)
            {
                PlayDevice(_system.Devices[agent - 1], _channels[agent - 1], accesses[..run]);
            }
            else
            {
                throw new FormatException($"The input names agent {agent}, but there are only {_channels.Length} devices: agents 1 to {_channels.Length}.");
            }

            accesses = accesses[run..];
        }
    }

    /// <summary>The CPU is about to make an access: the devices have done theirs, and the time that the trace says has passed.</summary>
    public void BeginCpu(in PageAccess access)
    {
        Drain();
        Think(access.Time);
        Touch(access);
        _system.CpuKind = access.Kind;
    }

    /// <summary>The CPU has made the access.</summary>
    public void EndCpu(in PageAccess access)
    {
        _accesses += access.Pages;
        _cpuAccesses += access.Pages;
        _system.Report.Time.Access += (long)_system.Clock.Pass(_system.Costs.CpuHit * access.Pages);
        _observer?.Accessed(access, _system.Clock.Now);
    }

    /// <summary>Waits for the devices, and reports.</summary>
    public ReplayReport Finish()
    {
        Drain();
        foreach (SvmDevice device in _system.Devices)
        {
            device.Migration.WaitForCopies();
            // What waited was done after a replay, and counts as done but not as a hit; its time is the service's.
            long remote = (long)_system.Clock.Pass(_system.Costs.RemoteAccess * device.Gpu.CompletedRemote);
            _system.Report.Time.Remote += remote;
        }

        _cpuTlb?.Dispose();
        _system.Report.Accesses = _accesses;
        _system.Report.CpuAccesses = _cpuAccesses;
        _system.Report.PagesTouched = _touched.Count;
        return _system.ReadReport();
    }

    private void PlayCpu(ReadOnlySpan<PageAccess> accesses)
    {
        Span<byte> one = stackalloc byte[1];
        foreach (ref readonly PageAccess access in accesses)
        {
            BeginCpu(access);
            for (ulong page = access.PageNumber; page < access.PageNumber + access.Pages; page++)
            {
                bool writes = access.Kind >= AccessKind.Write;
                if (_cpuTlb != null && _cpuTlb.Allows(page, writes))
                {
                    continue;
                }

                VirtualAddress address = VirtualAddress.FromPage(page);
                CpuSignal signal = writes ? _space.Space.Write(address, one) : _space.Space.Read(address, one);
                if (signal == CpuSignal.None)
                {
                    _cpuTlb?.Fill(page, writes);
                }
                else
                {
                    _system.Report.Cancels++;
                    _system.Options.Observer?.Cancelled(
                        new FaultRecord(Agents.Cpu, access.Kind, 0, page, _system.Clock.Now), new Reason("cpu-signal"));
                }
            }

            EndCpu(access);
        }
    }

    private void PlayDevice(SvmDevice device, SvmChannel channel, ReadOnlySpan<PageAccess> accesses)
    {
        for (int i = 0; i < accesses.Length; i++)
        {
            ref readonly PageAccess access = ref accesses[i];
            Think(access.Time);
            Touch(access);
            ulong page = access.PageNumber;
            ulong end = page + access.Pages;
            _accesses += access.Pages;
            while (page < end)
            {
                page = Hit(device, channel, page, end, access.Kind);
                if (page < end && Miss(device, channel, page, access.Kind))
                {
                    page++;
                }
            }

            _observer?.Accessed(access, _system.Clock.Now);
        }
    }

    /// <summary>The pages that hit.</summary>
    /// <returns>The first that does not.</returns>
    private ulong Hit(SvmDevice device, SvmChannel channel, ulong page, ulong end, AccessKind kind)
    {
        ulong first = page;
        int remote = 0;
        lock (device.Gpu.Lock)
        {
            while (page < end)
            {
                if (!device.Gpu.TryTranslate(channel.Gpu, page, kind, out bool isRemote))
                {
                    break;
                }

                Contents?.Perform(channel.Gpu, page, kind);
                remote += isRemote ? 1 : 0;
                page++;
            }

            device.Hits += (long)(page - first);
            device.RemoteHits += remote;
        }

        ModelledTime time = _system.Report.Time;
        time.Access += (long)_system.Clock.Pass(_system.Costs.DeviceHit * (page - first));
        time.Remote += remote == 0 ? 0 : (long)_system.Clock.Pass(_system.Costs.RemoteAccess * remote);
        return page;
    }

    /// <summary>A page that misses: its access waits, or if too many do already, the device is served first.</summary>
    /// <returns>Whether the access was taken.</returns>
    private bool Miss(SvmDevice device, SvmChannel channel, ulong page, AccessKind kind)
    {
        AccessOutcome outcome;
        lock (device.Gpu.Lock)
        {
            outcome = device.Gpu.Access(channel.Gpu, page, kind, _system.Clock.Now, out _);
        }

        _devicesMayWait = true;
        if (outcome == AccessOutcome.Full || device.Gpu.Faults.Pending == device.Gpu.Faults.Capacity)
        {
            device.Service.Serve();
        }

        return outcome != AccessOutcome.Full;
    }

    private void Drain()
    {
        if (!_devicesMayWait)
        {
            return;
        }

        _devicesMayWait = false;
        foreach (SvmDevice device in _system.Devices)
        {
            device.Service.ServeUntilIdle();
        }
    }

    /// <summary>What the trace says passed between two accesses.</summary>
    private void Think(long time)
    {
        if (time > _lastTime)
        {
            if (time > PageAccess.TimeMax)
            {
                throw new FormatException($"The input has an access {time} nanoseconds after its start; replays end at {PageAccess.TimeMax}, after 104 days.");
            }

            _system.Report.Time.Access += (long)_system.Clock.Pass(time - _lastTime);
            _lastTime = time;
        }
    }

    /// <summary>Notes pages, and maps them if they are new. Under no lock.</summary>
    private void Touch(in PageAccess access)
    {
        ulong end = access.PageNumber + access.Pages;
        for (ulong page = access.PageNumber; page < end; page++)
        {
            if (_touched.Touch(page) && _mapsOnDemand)
            {
                // The last block below the kernel's half lacks a page.
                ulong first = page & ~511UL;
                Map(VirtualRange.FromPages(VirtualAddress.FromPage(first), Math.Min(512, PagesEnd - first)), _map);
            }
        }
    }

    /// <summary>Maps what an input is about.</summary>
    /// <exception cref="FormatException">It cannot be mapped; the message is a sentence for the user.</exception>
    public static void Map(VirtualRange range, Func<VirtualRange, HmmStatus> map)
    {
        HmmStatus status = map(range);
        if (status != HmmStatus.Success)
        {
            string why = status == HmmStatus.Exists ? "this process has something else there" : status.ErrnoName();
            throw new FormatException($"The input's addresses {range} cannot be mapped: {why}.");
        }
    }
}
