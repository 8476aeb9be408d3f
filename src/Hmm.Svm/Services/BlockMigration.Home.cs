using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Migration;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

// Home to system memory: by address for faults and programs, by frame for eviction.
internal sealed partial class BlockMigration
{
    private const int HomePiece = 64;

    /// <summary>How many choices that led nowhere end the search for room.</summary>
    private const int VainChoicesMax = 16;

    /// <summary>Brings pages home.</summary>
    /// <param name="block">The block.</param>
    /// <param name="pages">Which of its pages; those that are not with this device are passed over.</param>
    /// <param name="cause">Why.</param>
    /// <returns>Which pages moved.</returns>
    public PageMask ToSystem(SvmBlock block, in PageMask pages, MoveCause cause)
    {
        AddressSpace space = block.Space.Space;
        PageMask moved = default;
        space.MmapLock.EnterRead();
        try
        {
            for (int first = pages.Next(0); first < PageMask.Pages && !space.IsDead;)
            {
                Vma? vma = space.FindVma(VirtualAddress.FromPage(block.FirstPage + (ulong)first));
                int end = pages.NextMissing(first);
                if (vma == null)
                {
                    first = pages.Next(first + 1);
                    continue;
                }

                end = (int)Math.Min((ulong)end, vma.Range.End.PageNumber - block.FirstPage);
                HomeRun(vma, block.FirstPage + (ulong)first, end - first, Pfn.None, out PageMask run);
                for (int i = run.Next(0); i < PageMask.Pages; i = run.Next(i + 1))
                {
                    moved.Add(first + i);
                }

                first = pages.Next(end);
            }
        }
        finally
        {
            space.MmapLock.ExitRead();
        }

        AccountHome(block, moved, moved, cause, cause);
        return moved;
    }

    /// <summary>Brings consecutive pages home that a mapping has with this device. The address-space lock is held for reading.</summary>
    /// <param name="vma">The mapping.</param>
    /// <param name="page">The first page.</param>
    /// <param name="count">How many, at most a block's.</param>
    /// <param name="faultPage">The device page whose CPU fault this serves, or none.</param>
    /// <param name="moved">Which moved, counted from the first.</param>
    /// <returns>False if system memory ran out.</returns>
    public bool HomeRun(Vma vma, ulong page, int count, Pfn faultPage, out PageMask moved)
    {
        moved = default;
        Span<MigratePfn> source = stackalloc MigratePfn[HomePiece];
        Span<MigratePfn> target = stackalloc MigratePfn[HomePiece];
        bool hasMemory = true;
        for (int done = 0; done < count && hasMemory; done += HomePiece)
        {
            int here = Math.Min(HomePiece, count - done);
            VirtualRange range = VirtualRange.FromPages(VirtualAddress.FromPage(page + (ulong)done), (ulong)here);
            bool holdsFault = !faultPage.IsNone && HasEntry(vma.Space, range, faultPage);
            MigrateVma migrate = new()
            {
                Vma = vma,
                Range = range,
                Source = source[..here],
                Target = target[..here],
                PagemapOwner = device,
                Select = MigrateVmaSelect.DevicePrivate,
                FaultPage = holdsFault ? faultPage : Pfn.None,
            };
            if (migrate.Setup() != HmmStatus.Success)
            {
                return true;
            }

            hasMemory = CopyHome(vma.Space, range.Start, source[..here], target[..here]);
            migrate.MigratePages();
            for (int i = 0; i < here; i++)
            {
                if (source[i].IsValid && source[i].IsMigrating)
                {
                    moved.Add(done + i);
                }
            }

            migrate.FinalizeMigration();
        }

        return hasMemory;
    }

    /// <summary>Makes sure that pages can be taken, evicting if the profile does.</summary>
    public bool TryMakeRoom(SvmBlock block, int pages)
    {
        if (_system.Hooks?.IsMemoryFull() == true || pages > device.CapacityPages)
        {
            return false;
        }

        int vain = 0;
        bool wantsMore = false;
        device.Residence.Pin(block, true);
        while ((wantsMore || device.CapacityPages - device.Pagemap.PagesInUse < pages) && vain < VainChoicesMax)
        {
            UnitOwner? victim = _system.Profile.Evicts ? ChooseVictim(block, pages, out wantsMore) : null;
            if (victim == null)
            {
                break;
            }

            vain = Evict(victim.Value) > 0 ? 0 : vain + 1;
        }

        device.Residence.Pin(block, false);
        return device.CapacityPages - device.Pagemap.PagesInUse >= pages;
    }

    public void AccountHome(SvmBlock block, in PageMask moved, in PageMask faulted, MoveCause cause, MoveCause along)
    {
        lock (_system.StateLock)
        {
            // What an eviction costs was measured as a whole: its own constant and the copy. Nobody maps the pages on the CPU.
            double each = cause == MoveCause.Eviction ? 0 : _system.Costs.Unmap + _system.Costs.Map;
            _system.Report.Time.Map += (long)_system.Clock.Pass(each * moved.Count);
            Note(block, moved & faulted, device.Agent, Agents.Cpu, cause);
            Note(block, moved - faulted, device.Agent, Agents.Cpu, along);
        }
    }

    private static bool HasEntry(AddressSpace space, VirtualRange range, Pfn page)
    {
        for (VirtualAddress at = range.Start; at < range.End; at = at.AddPages(1))
        {
            Core.PageTables.Pte entry = space.ReadEntry(at);
            if (entry.IsDevicePrivate && entry.Pfn == page)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Copies pages to the frames that they must have: those of a space from an address on; or, without a space, wherever they are mapped.</summary>
    private bool CopyHome(AddressSpace? space, VirtualAddress start, ReadOnlySpan<MigratePfn> source, Span<MigratePfn> target)
    {
        // A CPU fault can come while the device is served: the engine's queue takes one at a time.
        lock (device.Gpu.CopyEngine)
        {
            long now = _system.Clock.Now;
            bool hasMemory = true;
            for (int i = 0; i < source.Length; i++)
            {
                if (source[i].IsValid && source[i].IsMigrating)
                {
                    bool isTaken = space == null
                        ? _system.Memory.TryTakeLockedPageFor(source[i].Pfn, out Pfn copy)
                        : MemorySystem.TryTakeLockedPage(space, start.AddPages(i), out copy);
                    if (!isTaken)
                    {
                        // Memory is out, or nobody maps the page any more.
                        hasMemory = false;
                        continue;
                    }

                    device.Gpu.CopyEngine.Add(source[i].Pfn, copy, CopyDirection.ToSystem, now);
                    target[i] = MigratePfn.Target(copy, source[i].IsWritable);
                }
            }

            device.Gpu.CopyEngine.Run(now);
            return hasMemory;
        }
    }

    private UnitOwner? ChooseVictim(SvmBlock block, int pages, out bool wantsMore)
    {
        IEvictionPolicy policy = _system.Policies.Eviction;
        if (policy.UsesAccesses)
        {
            ReadWalks();
        }

        lock (_system.StateLock)
        {
            ReadOnlySpan<ResidentUnit> units = device.Residence.Snapshot(out ReadOnlySpan<UnitOwner> owners);
            EvictionDecision decision = policy.Choose(new EvictionQuery
            {
                Device = device.Agent,
                PagesWanted = pages,
                Space = block.Space.Index,
                Block = block.Number,
                Units = units,
                Time = _system.Clock.Now,
            });
            int index = decision.Index;
            wantsMore = decision.WantsMore;
            _system.Explain("eviction", device.Agent, block.Space.Index, block.FirstPage, decision.Reason);
            if (index < 0)
            {
                return null;
            }

            if (index >= units.Length || units[index].IsPinned)
            {
                index = LeastRecentlyPopulated(units);
                _system.Explain("eviction", device.Agent, block.Space.Index, block.FirstPage, new Reason("choice-refused", new("instead", index)));
            }

            return index < 0 ? null : owners[index];
        }
    }

    private static int LeastRecentlyPopulated(ReadOnlySpan<ResidentUnit> units)
    {
        int best = -1;
        for (int i = 0; i < units.Length; i++)
        {
            if (!units[i].IsPinned && (best < 0 || units[i].Populated < units[best].Populated))
            {
                best = i;
            }
        }

        return best;
    }

    private void ReadWalks()
    {
        device.Residence.Snapshot(out ReadOnlySpan<UnitOwner> owners);
        lock (device.Gpu.Lock)
        {
            foreach (UnitOwner owner in owners)
            {
                if (device.ChannelAt(owner.Block.Space.Index) is { } channel)
                {
                    channel.Gpu.PageTable.ReadWalks(owner.Block.Number, out long count, out long last);
                    device.Residence.SetWalks(owner, count, last);
                }
            }
        }
    }

    private int Evict(UnitOwner unit)
    {
        SvmBlock victim = unit.Block;
        Span<Pfn> frames = stackalloc Pfn[PageMask.Pages];
        Span<int> pages = stackalloc int[PageMask.Pages];
        int count = device.Residence.FramesOf(unit, frames, pages);
        if (count == 0)
        {
            return 0;
        }

        PageMask evicted = default;
        for (int i = 0; i < count; i++)
        {
            evicted.Add(pages[i]);
        }

        _system.Hooks?.At(ServicePoint.EvictionChosen, victim.Space, RangeOf(victim, evicted));
        MigrateDevice migrate = new(_system.Memory, _source.AsSpan(0, count), _target.AsSpan(0, count));
        migrate.Setup(frames[..count]);
        CopyHome(null, default, _source.AsSpan(0, count), _target.AsSpan(0, count));
        migrate.MigratePages();
        for (int i = 0; i < count; i++)
        {
            if (!_source[i].IsValid || !_source[i].IsMigrating)
            {
                evicted.Remove(pages[i]);
            }
        }

        migrate.FinalizeMigration();
        lock (_system.StateLock)
        {
            _system.Report.Evictions += evicted.IsEmpty ? 0 : 1;
            _system.Report.Time.Eviction += (long)_system.Clock.Pass(_system.Costs.Eviction);
        }

        device.Residence.CountEviction(victim);
        AccountHome(victim, evicted, evicted, MoveCause.Eviction, MoveCause.Eviction);
        return evicted.Count;
    }
}
