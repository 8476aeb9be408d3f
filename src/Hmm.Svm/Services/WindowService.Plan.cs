using System;
using System.Collections.Generic;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

// Who waits in a window, and what the policies say.
internal sealed partial class WindowService
{
    /// <summary>Pages whose faults are put off, and until when. Under the state lock.</summary>
    private readonly Dictionary<(int Space, ulong Page), long> _throttles = [];

    /// <summary>Sorts the window's faults into sets, passing over what is mapped already.</summary>
    /// <returns>How many faults the window takes.</returns>
    private int Sort(SvmChannel channel, SvmBlock block, ReadOnlySpan<PendingFault> faults, ref WindowPlan plan)
    {
        ulong end = block.FirstPage + (ulong)plan.End;
        ulong start = block.FirstPage + (ulong)plan.First;
        DriverDefects defects = _profile.Defects;
        int taken = 0;
        lock (device.Gpu.Lock)
        {
            for (; taken < faults.Length; taken++)
            {
                ref readonly PendingFault fault = ref faults[taken];
                if (fault.Channel != channel || fault.Page >= end || fault.Page < start)
                {
                    break;
                }

                AccessKind kind = fault.Kind;
                HasSeenAtomic |= kind == AccessKind.Atomic;
                if (defects.Has(DriverDefects.StickyAtomic) && HasSeenAtomic && kind != AccessKind.Prefetch)
                {
                    kind = AccessKind.Atomic;
                }

                int page = (int)(fault.Page - block.FirstPage);
                if (defects.Has(DriverDefects.WeakestFirst) && plan.Faulted.Has(page) && kind > faults[0].Kind
                    && !defects.Has(DriverDefects.CoalesceByFirst))
                {
                    // A stronger access behind a weaker one: it takes a service of its own.
                    break;
                }

                plan.Duplicates += fault.Instances - 1;
                Classify(channel, fault.Page, page, kind, defects, ref plan);
            }
        }

        Duplicates += plan.Duplicates;
        return taken;
    }

    private void Classify(SvmChannel channel, ulong page, int index, AccessKind kind, DriverDefects defects, ref WindowPlan plan)
    {
        if (device.Gpu.TryTranslate(channel.Gpu, page, kind, out _))
        {
            plan.Duplicates++;
            Served++;
            return;
        }

        if (kind == AccessKind.Prefetch)
        {
            plan.Duplicates += plan.Faulted.Has(index) || plan.Hinted.Has(index) ? 1 : 0;
            plan.Hinted.Add(index);
            return;
        }

        bool isFirst = !plan.Faulted.Has(index);
        plan.Duplicates += isFirst ? 0 : 1;
        plan.Faulted.Add(index);
        if (!isFirst && defects.Has(DriverDefects.CoalesceByFirst))
        {
            return;
        }

        if (kind >= AccessKind.Write)
        {
            plan.Written.Add(index);
        }

        if (kind == AccessKind.Atomic)
        {
            plan.Atomic.Add(index);
        }
    }

    /// <summary>Cancels writes to a mapping that is read-only; what reads goes on, unless the driver cancels whole groups.</summary>
    /// <param name="channel">Where.</param>
    /// <param name="block">The block.</param>
    /// <param name="faults">The window's faults in it.</param>
    /// <param name="plan">What is to be done.</param>
    private void RefuseWrites(SvmChannel channel, SvmBlock block, ReadOnlySpan<PendingFault> faults, ref WindowPlan plan)
    {
        if (plan.IsWritable || plan.Written.IsEmpty)
        {
            return;
        }

        bool all = _profile.Cancel == CancelScope.Group;
        for (int page = plan.Written.Next(0); page < PageMask.Pages; page = plan.Written.Next(page + 1))
        {
            Cancel(channel, block.FirstPage + (ulong)page, all ? AccessKind.Read : AccessKind.Write, AccessKind.Atomic, new Reason("not-writable"));
            // Who still waits for the page can only want to read it; if nobody does, it need not move.
            if (_profile.Cancel != CancelScope.Access || !MayBeRead(faults, block.FirstPage + (ulong)page))
            {
                plan.Faulted.Remove(page);
            }
        }

        (plan.Written, plan.Atomic) = (default, default);
    }

    /// <summary>Whether a fault of a page reads, or stands for others that may.</summary>
    private static bool MayBeRead(ReadOnlySpan<PendingFault> faults, ulong page)
    {
        foreach (ref readonly PendingFault fault in faults)
        {
            if (fault.Page == page && (fault.Kind == AccessKind.Read || fault.Instances > 1))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Asks the policies about thrashing, place and neighbours.</summary>
    private void Decide(SvmChannel channel, SvmBlock block, ref WindowPlan plan)
    {
        // Where pages live is read from the CPU's table, which may not be taken apart meanwhile.
        channel.Space.Space.MmapLock.EnterRead();
        try
        {
            DecideLocked(channel, block, ref plan);
        }
        finally
        {
            channel.Space.Space.MmapLock.ExitRead();
        }

        CancelAll(channel, block, plan.Refused, new Reason("placement-refused"));
        Throttled += plan.Throttled.Count;
    }

    private void DecideLocked(SvmChannel channel, SvmBlock block, ref WindowPlan plan)
    {
        lock (_system.StateLock)
        {
            if (_profile.Window is ServiceWindow.Block or ServiceWindow.Chunk or ServiceWindow.Granule)
            {
                // A hint counts as a read here: it brings pages.
                plan.Faulted |= plan.Hinted;
                plan.Hinted = default;
            }

            PageMask pages = plan.Faulted;
            if (_system.Policies.HasThrash || _profile.MigratesOnFault)
            {
                for (int page = pages.Next(0); page < PageMask.Pages; page = pages.Next(page + 1))
                {
                    DecidePage(channel, block, page, ref plan);
                }
            }

            if (_system.Policies.HasPrefetch)
            {
                DecideNeighbours(channel, block, ref plan);
            }
        }
    }

    private void DecidePage(SvmChannel channel, SvmBlock block, int page, ref WindowPlan plan)
    {
        ulong number = block.FirstPage + (ulong)page;
        AccessKind kind = plan.Atomic.Has(page) ? AccessKind.Atomic : plan.Written.Has(page) ? AccessKind.Write : AccessKind.Read;
        int resident = _system.ResidenceOf(channel.Space, number);
        if (_system.Policies.HasThrash && MustWait(channel, block, page, kind, resident, ref plan))
        {
            return;
        }

        if (!_profile.MigratesOnFault)
        {
            return;
        }

        PlacementDecision decision = _system.Policies.Placement.Place(new PlacementQuery
        {
            Space = channel.Space.Index,
            Page = number,
            Requester = device.Agent,
            Kind = kind,
            Resident = resident,
            PreferredLocation = block.PreferredLocation,
            AccessedBy = block.AccessedBy,
            PinnedAt = block.Pins == null ? Agents.None : block.Pins[page] - 1,
            CanMigrate = plan.CanMigrate,
            Topology = _system.Topology,
            Time = _system.Clock.Now,
        });
        _system.Explain("placement", device.Agent, channel.Space.Index, number, decision.Reason);
        bool mustOwn = kind == AccessKind.Atomic && _profile.Atomics == AtomicMethod.Migrate;
        if (plan.CanMigrate && (decision.Location == device.Agent || mustOwn))
        {
            plan.ToDevice.Add(page);
        }
        else if (decision.Location == Agents.Cpu && resident == device.Agent)
        {
            plan.ToSystem.Add(page);
        }
        else if (decision.Location == Agents.None)
        {
            plan.Faulted.Remove(page);
            plan.Refused.Add(page);
        }
    }

    private bool MustWait(SvmChannel channel, SvmBlock block, int page, AccessKind kind, int resident, ref WindowPlan plan)
    {
        ulong number = block.FirstPage + (ulong)page;
        ThrashDecision decision = _system.Policies.Thrash.Judge(new ThrashQuery
        {
            Space = channel.Space.Index,
            Block = block.Number,
            Page = page,
            Requester = device.Agent,
            Kind = kind,
            Resident = resident,
            PreferredLocation = block.PreferredLocation,
            Topology = _system.Topology,
            Time = _system.Clock.Now,
        });
        _system.Explain("thrash", device.Agent, channel.Space.Index, number, decision.Reason);
        if (decision.Verdict == ThrashVerdict.Throttle && decision.Until > _system.Clock.Now)
        {
            plan.Throttled.Add(page);
            plan.Faulted.Remove(page);
            ThrottledUntil = Math.Min(ThrottledUntil, decision.Until);
            CountThrottle((channel.Space.Index, number), decision.Until);
            return true;
        }

        if (_throttles.Count > 0)
        {
            _throttles.Remove((channel.Space.Index, number));
        }

        if (decision.Verdict == ThrashVerdict.Pin)
        {
            block.Pins ??= new byte[PageMask.Pages];
            _system.Report.Pins += block.Pins[page] == 0 ? 1 : 0;
            block.Pins[page] = (byte)(decision.Location + 1);
        }
        else if (block.Pins != null)
        {
            block.Pins[page] = 0;
        }

        return false;
    }

    /// <summary>An access that faults again while it waits is the same throttle: it ends when the one before does.</summary>
    private void CountThrottle((int Space, ulong Page) page, long until)
    {
        if (!_throttles.TryGetValue(page, out long known) || known != until)
        {
            _throttles[page] = until;
            _system.Report.Throttles++;
        }
    }

    private void DecideNeighbours(SvmChannel channel, SvmBlock block, ref WindowPlan plan)
    {
        bool movesOnly = _profile.Window == ServiceWindow.Block;
        PageMask faulted = movesOnly ? plan.ToDevice : plan.Faulted;
        if (faulted.IsEmpty || (movesOnly && faulted != plan.Faulted))
        {
            return;
        }

        if (block.LastDestination != device.Agent)
        {
            (block.LastDestination, block.PriorFaults) = (device.Agent, 0);
        }

        _system.Policies.Thrash.AddThrashing(channel.Space.Index, block.Number, ref plan.Thrashing);
        PageMask resident = device.Residence.PagesOf(block);
        PrefetchQuery query = new()
        {
            Space = channel.Space.Index,
            Block = block.Number,
            Destination = device.Agent,
            PreferredLocation = block.PreferredLocation,
            RegionFirst = plan.First,
            RegionEnd = plan.End,
            Faulted = faulted,
            Resident = resident,
            ResidentAnywhere = block.PreferredLocation == device.Agent ? ResidentAnywhere(channel.Space, block, plan) : resident,
            Thrashing = plan.Thrashing,
            PriorFaults = block.PriorFaults,
            Time = _system.Clock.Now,
        };
        PageMask along = default;
        Reason reason = _system.Policies.Prefetch.Choose(query, ref along);
        block.PriorFaults += faulted.Count;
        plan.Along |= (along & PageMask.Range(plan.First, plan.End - plan.First)) - plan.Faulted - plan.Throttled - plan.Thrashing - resident;
        _system.Explain("prefetch", device.Agent, channel.Space.Index, block.FirstPage, reason);
    }

    private PageMask ResidentAnywhere(SvmSpace space, SvmBlock block, in WindowPlan plan)
    {
        PageMask pages = default;
        for (int page = plan.First; page < plan.End; page++)
        {
            if (_system.ResidenceOf(space, block.FirstPage + (ulong)page) != Agents.None)
            {
                pages.Add(page);
            }
        }

        return pages;
    }

    /// <summary>Refuses all faults of the first one's page.</summary>
    private int RefusePage(SvmChannel channel, ReadOnlySpan<PendingFault> faults)
    {
        int taken = 0;
        bool waits = false;
        while (taken < faults.Length && faults[taken].Channel == channel && faults[taken].Page == faults[0].Page)
        {
            bool isHint = faults[taken].Kind == AccessKind.Prefetch;
            waits |= !isHint;
            InvalidPrefetches += isHint ? faults[taken].Instances : 0;
            taken++;
        }

        if (waits)
        {
            Cancel(channel, faults[0].Page, AccessKind.Read, AccessKind.Atomic, new Reason("nothing-mapped"));
        }

        return taken;
    }

    private void CancelAll(SvmChannel channel, SvmBlock block, in PageMask pages, in Reason reason)
    {
        for (int page = pages.Next(0); page < PageMask.Pages; page = pages.Next(page + 1))
        {
            Cancel(channel, block.FirstPage + (ulong)page, AccessKind.Read, AccessKind.Atomic, reason);
        }
    }

    private void Cancel(SvmChannel channel, ulong page, AccessKind weakest, AccessKind strongest, in Reason reason)
    {
        int cancelled;
        lock (device.Gpu.Lock)
        {
            cancelled = device.Gpu.Cancel(channel.Gpu, page, weakest, strongest);
        }

        Cancelled += cancelled;
        lock (_system.StateLock)
        {
            _system.Report.Cancels += cancelled;
            if (cancelled > 0)
            {
                _system.Options.Observer?.Cancelled(new FaultRecord(device.Agent, strongest, channel.Space.Index, page, _system.Clock.Now), reason);
            }
        }
    }
}
