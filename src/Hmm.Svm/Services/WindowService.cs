using System;
using Hmm.Core;
using Hmm.Core.Mirroring;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>Serves the faults of one window: plan, move, take exclusively, fault and map, cancel what cannot be.</summary>
/// <remarks>Under the device's service lock. No allocation, but for what is seen for the first time.</remarks>
internal sealed partial class WindowService(SvmDevice device)
{
    /// <summary>Attempts of one window within one call; what is left then faults again.</summary>
    private const int RoundsMax = 3;

    private readonly SvmSystem _system = device.System;
    private readonly DriverProfile _profile = device.System.Profile;
    private readonly ExclusiveAccess _exclusive = new(device);

    /// <summary>Whether an atomic was seen in this batch, for the defect that never forgets it.</summary>
    public bool HasSeenAtomic { get; set; }

    /// <summary>Pages served by the last window, duplicates included.</summary>
    public int Served { get; private set; }

    /// <summary>Faults cancelled by the last window.</summary>
    public int Cancelled { get; private set; }

    /// <summary>Pages put off by the last window.</summary>
    public int Throttled { get; private set; }

    /// <summary>Entries of the last window that needed nothing.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Invalid prefetches of the last window.</summary>
    public int InvalidPrefetches { get; private set; }

    /// <summary>Pages mapped by the last window.</summary>
    public int PagesMapped { get; private set; }

    /// <summary>When the first of the pages that the last window put off may be served.</summary>
    public long ThrottledUntil { get; private set; }

    /// <summary>Serves the first window of some faults, in the order of service.</summary>
    /// <param name="faults">The faults; at least one.</param>
    /// <returns>How many of them the window took.</returns>
    public int Serve(ReadOnlySpan<PendingFault> faults)
    {
        (Served, Cancelled, Throttled, Duplicates) = (0, 0, 0, 0);
        (InvalidPrefetches, PagesMapped, ThrottledUntil) = (0, 0, long.MaxValue);
        // A block is looked at as a whole, whatever of it is mapped.
        int passed = _profile.Window == ServiceWindow.Block ? 0 : PassOver(faults);
        if (passed > 0)
        {
            return passed;
        }

        SvmChannel channel = faults[0].Channel;
        SvmBlock block = channel.Space.BlockAt(faults[0].Page >> GpuEntry.HugeOrder);
        WindowPlan plan = default;
        if (!TryOpenWindow(channel, block, faults[0].Page, ref plan))
        {
            return RefusePage(channel, faults);
        }

        int taken = Sort(channel, block, faults, ref plan);
        if (WasServedJustNow(block, plan.Faulted | plan.Hinted))
        {
            Duplicates += plan.Faulted.Count + plan.Hinted.Count;
            return taken;
        }

        RefuseWrites(channel, block, faults[..taken], ref plan);
        if (plan.Faulted.IsEmpty && plan.Hinted.IsEmpty)
        {
            return taken;
        }

        Spend();
        plan.GoesOn = HasFaultIn(channel, faults[taken..], plan.WindowEnd);
        ServePiece(channel, block, ref plan);
        NoteServed(block, WantedOf(plan));

        return taken + ServeRest(channel, block, faults[taken..], plan);
    }

    private void ServePiece(SvmChannel channel, SvmBlock block, ref WindowPlan plan)
    {
        Decide(channel, block, ref plan);
        if (_profile.Window == ServiceWindow.Region && !plan.Along.IsEmpty)
        {
            plan.Along -= MappedOf(channel, block, plan.Along);
        }

        Carry(channel, block, ref plan);
        TakeExclusively(channel, block, ref plan);
        Map(channel, block, ref plan);
    }

    /// <summary>KFD's: what was mapped less than 2 ms ago, for whichever device, is not looked at. The device tries again.</summary>
    private bool WasServedJustNow(SvmBlock block, in PageMask faulted)
    {
        if (!IsRecent(block) || faulted.IsEmpty || !(faulted - block.ServedPages).IsEmpty)
        {
            return false;
        }

        ThrottledUntil = block.ServedAt + _profile.RecentlyServedNs;
        return true;
    }

    private bool IsRecent(SvmBlock block) =>
        _profile.RecentlyServedNs > 0 && block.ServedAt >= 0 && _system.Clock.Now < block.ServedAt + _profile.RecentlyServedNs;

    private void NoteServed(SvmBlock block, in PageMask pages)
    {
        if (PagesMapped > 0 && _profile.RecentlyServedNs > 0)
        {
            // A driver's granule comes as a whole; with another prefetch policy each piece counts by itself.
            block.ServedPages = IsRecent(block) ? block.ServedPages | pages : pages;
            block.ServedAt = _system.Clock.Now;
        }
    }

    /// <summary>Passes over the first faults whose pages are mapped already: no window is opened for them.</summary>
    private int PassOver(ReadOnlySpan<PendingFault> faults)
    {
        lock (device.Gpu.Lock)
        {
            while (Served < faults.Length && device.Gpu.TryTranslate(faults[Served].Channel.Gpu, faults[Served].Page, faults[Served].Kind, out _))
            {
                Duplicates += faults[Served].Instances;
                Served++;
            }
        }

        return Served;
    }

    private void Spend()
    {
        device.Residence.Tick();
        lock (_system.StateLock)
        {
            _system.Report.Windows++;
            _system.Report.Time.Block += (long)_system.Clock.Pass(_system.Costs.Block);
        }
    }

    /// <summary>Moves what shall move. What does not stays in system memory and is mapped from there.</summary>
    private void Carry(SvmChannel channel, SvmBlock block, ref WindowPlan plan)
    {
        if (!plan.ToSystem.IsEmpty)
        {
            device.Migration.ToSystem(block, plan.ToSystem, MoveCause.Pin);
        }

        PageMask wanted = plan.ToDevice | (plan.CanMigrate && _profile.MigratesOnFault && !plan.ToDevice.IsEmpty ? plan.Along : default);
        MoveCause cause = plan.Atomic.IsEmpty || _profile.Atomics != AtomicMethod.Migrate ? MoveCause.DeviceFault : MoveCause.Atomic;
        for (int attempt = 1; !wanted.IsEmpty; attempt++)
        {
            device.Migration.ToDevice(block, wanted, plan.Faulted, cause, _profile.IsAllOrNothing);
            PageMask missing = wanted - device.Residence.PagesOf(block);
            if (_profile.Window == ServiceWindow.Block)
            {
                // Who only came along is not mapped where it did not come.
                plan.Along -= missing;
            }

            if (missing.IsEmpty || attempt >= _profile.MigrationAttempts || !MayRetry(channel, block, attempt, plan.Atomic.IsEmpty ? AccessKind.Write : AccessKind.Atomic))
            {
                return;
            }
        }
    }

    private bool MayRetry(SvmChannel channel, SvmBlock block, int attempt, AccessKind kind)
    {
        lock (_system.StateLock)
        {
            RetryDecision decision = _system.Policies.Retry.Decide(new RetryQuery
            {
                Cause = RetryCause.MigrationRefused,
                Attempts = attempt,
                AttemptsWithoutProgress = attempt,
                Kind = kind,
            });
            _system.Report.Time.Throttled += (long)_system.Clock.Pass(decision.BackOff);
            _system.Explain("retry", device.Agent, channel.Space.Index, block.FirstPage, decision.Reason);
            return decision.MayRetry;
        }
    }

    private void TakeExclusively(SvmChannel channel, SvmBlock block, ref WindowPlan plan)
    {
        if (_profile.Atomics != AtomicMethod.DeviceExclusive)
        {
            return;
        }

        PageMask pages = (plan.Atomic & plan.Faulted) - device.Residence.PagesOf(block);
        for (int page = pages.Next(0); page < PageMask.Pages; page = pages.Next(page + 1))
        {
            HmmStatus status = _exclusive.Take(channel, block.FirstPage + (ulong)page);
            if (status == HmmStatus.Success)
            {
                Served++;
                PagesMapped++;
                CountMapped(mapped: 1, remote: 1);
            }
            else if (status != HmmStatus.Busy)
            {
                Cancel(channel, block.FirstPage + (ulong)page, AccessKind.Read, AccessKind.Atomic, new Reason("no-exclusive-access"));
            }

            plan.Faulted.Remove(page);
        }
    }

    private void Map(SvmChannel channel, SvmBlock block, ref WindowPlan plan)
    {
        for (int round = 0; round < RoundsMax; round++)
        {
            PageMask wanted = WantedOf(plan);
            int first = wanted.Next(0);
            if (first == PageMask.Pages)
            {
                return;
            }

            int end = wanted.End;
            (first, end) = (plan.BeginsBefore ? 0 : first, plan.GoesOn ? PageMask.Pages : end);
            Request(plan, first, end);
            PageMask allowed = _profile.Window == ServiceWindow.Gaps ? PageMask.Range(first, end - first) : wanted;
            AccessKind kind = plan.Atomic.IsEmpty ? plan.Written.IsEmpty ? AccessKind.Read : AccessKind.Write : AccessKind.Atomic;
            HmmStatus status = device.Mirror.Run(channel, block.FirstPage + (ulong)first, end - first, allowed, kind);
            if (status == HmmStatus.Invalid)
            {
                CancelAll(channel, block, plan.Faulted, new Reason("process-gone"));
                return;
            }

            if (status == HmmStatus.Busy)
            {
                return;
            }

            NoteMapped(first, end);
            PageMask stuck = Check(channel, block, first, ref plan);
            if (stuck.IsEmpty)
            {
                return;
            }

            // Own memory that may only be read: a trip home lets the engine copy it for writing.
            device.Migration.ToSystem(block, stuck, MoveCause.DeviceFault);
            plan.Faulted = stuck;
            plan.Along = default;
            plan.Hinted = default;
        }
    }

    private static PageMask WantedOf(in WindowPlan plan) => plan.Faulted | plan.Hinted | plan.Along;

    private void Request(in WindowPlan plan, int first, int end)
    {
        bool populates = _profile.Window is ServiceWindow.Granule or ServiceWindow.Chunk or ServiceWindow.Region;
        bool alwaysWrites = plan.IsWritable && (_profile.AsksForWriting || _profile.Defects.Has(DriverDefects.WriteIfMappingWritable));
        Span<ulong> requests = device.Mirror.Requests;
        for (int page = first; page < end; page++)
        {
            bool asks = plan.Faulted.Has(page) || (populates && plan.Along.Has(page));
            bool writes = asks && ((plan.Faulted.Has(page) && plan.Written.Has(page)) || alwaysWrites);
            requests[page - first] = (asks ? GpuEntry.ValidBit : 0) | (writes ? GpuEntry.WriteBit : 0);
        }
    }

    private void NoteMapped(int first, int end)
    {
        int remote = 0;
        foreach (ulong word in device.Mirror.Words.AsSpan(0, end - first))
        {
            GpuEntry entry = new(word);
            remote += entry.IsValid && !entry.IsOwnMemory ? 1 : 0;
        }

        PagesMapped += device.Mirror.PagesMapped;
        CountMapped(device.Mirror.PagesMapped, Math.Max(remote, remote > 0 && end - first == 1 ? device.Mirror.PagesMapped : 0));
    }

    private void CountMapped(int mapped, int remote)
    {
        lock (_system.StateLock)
        {
            _system.Report.PagesMapped += mapped;
            _system.Report.PagesMappedRemote += remote;
            // One entry of the CPU's is one entry here, however large.
            _system.Report.Time.Map += (long)_system.Clock.Pass(_system.Costs.Map * (_profile.Window == ServiceWindow.Page ? 1 : mapped));
        }
    }

    /// <summary>Looks at what each faulted page got; cancels what can never be had.</summary>
    /// <returns>Pages of own memory that may not be written.</returns>
    private PageMask Check(SvmChannel channel, SvmBlock block, int first, ref WindowPlan plan)
    {
        PageMask stuck = default;
        PageMask served = default;
        for (int page = plan.Faulted.Next(0); page < PageMask.Pages; page = plan.Faulted.Next(page + 1))
        {
            GpuEntry entry = new(device.Mirror.Words[page - first]);
            PageObstacle obstacle = device.Mirror.Obstacles[page - first];
            bool isEnough = entry.IsValid && (entry.IsWritable || !plan.Written.Has(page));
            if (isEnough)
            {
                served.Add(page);
            }
            else if (obstacle == PageObstacle.ReadOnlyDeviceMemory)
            {
                stuck.Add(page);
            }
            else if (obstacle is not (PageObstacle.None or PageObstacle.HeldByOtherDevice))
            {
                bool onlyWrites = obstacle == PageObstacle.NotWritable && _profile.Cancel != CancelScope.Group;
                Cancel(
                    channel, block.FirstPage + (ulong)page, onlyWrites ? AccessKind.Write : AccessKind.Read, AccessKind.Atomic,
                    new Reason(RuleOf(obstacle)));
            }
        }

        Served += served.Count;
        device.Residence.CountFaults(block, served);
        return stuck;
    }

    private static string RuleOf(PageObstacle obstacle) => obstacle switch
    {
        PageObstacle.Hole => "nothing-mapped",
        PageObstacle.NotReadable => "not-readable",
        PageObstacle.NotWritable => "not-writable",
        PageObstacle.Poisoned => "memory-failed",
        PageObstacle.OutOfMemory => "out-of-memory",
        _ => "nothing-behind",
    };
}
