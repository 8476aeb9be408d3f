using System;
using System.Collections.Generic;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>Serves CPU faults on pages that live with a device: they come home, perhaps with neighbours, perhaps after a while.</summary>
/// <remarks>Called by the engine on any thread, with the address-space lock held for reading.</remarks>
internal sealed class CpuFaultService(SvmDevice device)
{
    /// <summary>How often in a row a CPU can be told to wait; then its page comes home whatever a policy says.</summary>
    private const int WaitsMax = 256;

    private readonly SvmSystem _system = device.System;

    /// <summary>How often each page was waited for; a page that has come home is not in it. Under the state lock.</summary>
    private readonly Dictionary<(int Space, ulong Page), int> _waits = [];

    public VmFaultResult Serve(in DeviceFault fault)
    {
        ulong word = device.Pagemap.DriverWord(fault.Page);
        SvmSpace space = _system.SpaceAt((int)(word >> 40));
        ulong page = fault.Address.PageNumber;
        SvmBlock block = space.BlockAt(page >> GpuEntry.HugeOrder);
        // A page that moved or that another process maps comes home alone: what lies beside it may be something else.
        bool isAtHome = space.Space == fault.Vma.Space && (word & ((1UL << 40) - 1)) == page;
        PageMask come = PageMask.Range((int)(page & 511), 1);
        if (isAtHome)
        {
            if (MustWait(block, page))
            {
                return VmFaultResult.None;
            }

            Extend(block, fault.Vma, page, ref come);
        }
        else
        {
            lock (_system.StateLock)
            {
                Count(space.Index, page);
            }
        }

        bool hasMemory = true;
        PageMask moved = default;
        for (int first = come.Next(0); first < PageMask.Pages && hasMemory;)
        {
            int end = come.NextMissing(first);
            hasMemory = device.Migration.HomeRun(fault.Vma, block.FirstPage + (ulong)first, end - first, fault.Page, out PageMask run);
            for (int i = run.Next(0); i < PageMask.Pages; i = run.Next(i + 1))
            {
                moved.Add(first + i);
            }

            first = come.Next(end);
        }

        device.Migration.AccountHome(block, moved, PageMask.Range((int)(page & 511), 1), MoveCause.CpuFault, MoveCause.CpuPrefetch);
        device.Migration.WaitForCopies();
        return hasMemory || moved.Has((int)(page & 511)) ? VmFaultResult.None : VmFaultResult.OutOfMemory;
    }

    /// <summary>Whether the page stays with the device a little longer: the CPU tries again, and time has passed.</summary>
    private bool MustWait(SvmBlock block, ulong page)
    {
        lock (_system.StateLock)
        {
            int waits = _waits.GetValueOrDefault((block.Space.Index, page));
            if (waits == 0)
            {
                Count(block.Space.Index, page);
            }

            ThrashDecision decision = Judge(block, page);
            long until = decision.Verdict == ThrashVerdict.Throttle ? decision.Until : 0;

            if (until <= _system.Clock.Now || waits >= WaitsMax)
            {
                _waits.Remove((block.Space.Index, page));
                return false;
            }

            _waits[(block.Space.Index, page)] = waits + 1;
            _system.Report.Throttles++;
            _system.Report.Time.Throttled += _system.Clock.PassUntil(until);
            return true;
        }
    }

    /// <summary>Counts a fault, and lets its time pass. Under the state lock.</summary>
    private void Count(int space, ulong page)
    {
        _system.Report.CpuFaults.Add(_system.CpuKind);
        _system.Report.Time.CpuFault += (long)_system.Clock.Pass(_system.Costs.CpuFault);
        _system.Options.Observer?.Faulted(new FaultRecord(Agents.Cpu, _system.CpuKind, space, page, _system.Clock.Now));
    }

    private ThrashDecision Judge(SvmBlock block, ulong page)
    {
        ThrashDecision decision = _system.Policies.Thrash.Judge(new ThrashQuery
        {
            Space = block.Space.Index,
            Block = block.Number,
            Page = (int)(page & 511),
            Requester = Agents.Cpu,
            Kind = _system.CpuKind,
            Resident = device.Agent,
            PreferredLocation = block.PreferredLocation,
            Topology = _system.Topology,
            Time = _system.Clock.Now,
        });
        _system.Explain("thrash", Agents.Cpu, block.Space.Index, page, decision.Reason);
        if (decision.Verdict == ThrashVerdict.Pin)
        {
            block.Pins ??= new byte[PageMask.Pages];
            _system.Report.Pins += block.Pins[page & 511] == 0 ? 1 : 0;
            block.Pins[page & 511] = (byte)(decision.Location + 1);
        }

        return decision;
    }

    /// <summary>Adds the pages that come along: an aligned window, or what the prefetch policy says.</summary>
    private void Extend(SvmBlock block, Vma vma, ulong page, ref PageMask come)
    {
        int index = (int)(page & 511);
        PageMask here = device.Residence.PagesOf(block);
        int first = (int)Math.Max((long)vma.Range.Start.PageNumber - (long)block.FirstPage, 0);
        int end = (int)Math.Min(vma.Range.End.PageNumber - block.FirstPage, PageMask.Pages);
        int window = _system.Profile.CpuFaultPages;
        byte[]? chunks = block.Chunks;
        if (chunks != null && chunks[index] != 0)
        {
            // What came as one allocation goes as one.
            window = 1 << (chunks[index] - 1);
        }

        if (window > 0)
        {
            first = Math.Max(first, index & ~(window - 1));
            end = Math.Min(end, (index & ~(window - 1)) + window);
            come |= here & PageMask.Range(first, Math.Max(end - first, 0));
        }
        else
        {
            come |= here & Ask(block, index, first, end, here);
        }
    }

    private PageMask Ask(SvmBlock block, int index, int first, int end, in PageMask here)
    {
        PageMask home = default;
        for (int i = first; i < end; i++)
        {
            if (!here.Has(i) && _system.ResidenceOf(block.Space, block.FirstPage + (ulong)i) == Agents.Cpu)
            {
                home.Add(i);
            }
        }

        lock (_system.StateLock)
        {
            if (block.LastDestination != Agents.Cpu)
            {
                (block.LastDestination, block.PriorFaults) = (Agents.Cpu, 0);
            }

            PrefetchQuery query = new()
            {
                Space = block.Space.Index,
                Block = block.Number,
                Destination = Agents.Cpu,
                PreferredLocation = block.PreferredLocation,
                RegionFirst = first,
                RegionEnd = end,
                Faulted = PageMask.Range(index, 1),
                Resident = home,
                ResidentAnywhere = home | here,
                PriorFaults = block.PriorFaults,
                Time = _system.Clock.Now,
            };
            PageMask thrashing = default;
            _system.Policies.Thrash.AddThrashing(block.Space.Index, block.Number, ref thrashing);
            query.Thrashing = thrashing;
            PageMask extra = default;
            Reason reason = _system.Policies.Prefetch.Choose(query, ref extra);
            block.PriorFaults++;
            _system.Explain("prefetch", Agents.Cpu, block.Space.Index, block.FirstPage, reason);
            return (extra & PageMask.Range(first, end - first)) - thrashing;
        }
    }
}
