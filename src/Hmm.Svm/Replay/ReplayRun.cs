using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Services;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Replay;

/// <summary>One run of a replayer: plays accesses in order, and lets modelled time pass.</summary>
internal sealed class ReplayRun
{
    private readonly SvmSystem _system;
    private readonly SvmSpace _space;
    private readonly SvmChannel[] _channels;
    private readonly IReplayObserver? _observer;
    private readonly TouchMap _touched = new();
    private readonly CpuTlb? _cpuTlb;
    private readonly bool _mapsOnDemand;
    private long _lastTime;
    private long _accesses;
    private long _cpuAccesses;
    private bool _devicesMayWait;

    public ReplayRun(SvmSystem system, AddressSpace space, IAccessSource source)
    {
        _system = system;
        _space = system.Attach(space);
        _channels = new SvmChannel[system.Devices.Count];
        for (int i = 0; i < _channels.Length; i++)
        {
            _channels[i] = system.Devices[i].Open(_space);
        }

        _observer = system.Options.Observer is { WantsAccesses: true } observer ? observer : null;
        _mapsOnDemand = source.Ranges.Count == 0;
        _cpuTlb = system.Options.HasContents ? null : new CpuTlb(space);
        foreach (VirtualRange range in source.Ranges)
        {
            Map(range);
        }
    }

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
        Drain();
        Span<byte> one = stackalloc byte[1];
        foreach (ref readonly PageAccess access in accesses)
        {
            Think(access.Time);
            SvmSystem.CpuKind = access.Kind;
            for (ulong page = access.PageNumber; page < access.PageNumber + access.Pages; page++)
            {
                Touch(page);
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

            _accesses += access.Pages;
            _cpuAccesses += access.Pages;
            _system.Report.Time.Access += (long)_system.Clock.Pass(_system.Costs.CpuHit * access.Pages);
            _observer?.Accessed(access, _system.Clock.Now);
        }
    }

    private void PlayDevice(SvmDevice device, SvmChannel channel, ReadOnlySpan<PageAccess> accesses)
    {
        for (int i = 0; i < accesses.Length; i++)
        {
            ref readonly PageAccess access = ref accesses[i];
            Think(access.Time);
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
                Touch(page);
                if (!device.Gpu.TryTranslate(channel.Gpu, page, kind, out bool isRemote))
                {
                    break;
                }

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
            _system.Report.Time.Access += (long)_system.Clock.Pass(time - _lastTime);
            _lastTime = time;
        }
    }

    private void Touch(ulong page)
    {
        if (_touched.Touch(page) && _mapsOnDemand)
        {
            Map(VirtualRange.FromPages(VirtualAddress.FromPage(page & ~511UL), 512));
        }
    }

    private void Map(VirtualRange range)
    {
        HmmStatus status = _space.Space.MapAnonymous(range, Protection.Read | Protection.Write);
        if (status != HmmStatus.Success)
        {
            throw new FormatException($"The input's addresses {range} cannot be mapped: {status.ErrnoName()}.");
        }
    }
}
