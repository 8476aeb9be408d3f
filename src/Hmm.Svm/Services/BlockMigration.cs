using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Migration;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>Moves pages of one block between system memory and a device's, and makes room.</summary>
/// <remarks>
/// <para>To the device and evictions: under the device's service lock. Home: from any thread, also inside a CPU fault.</para>
/// <para>Room is made before a migration begins, since an eviction takes locks that a migration holds.</para>
/// </remarks>
internal sealed partial class BlockMigration(SvmDevice device)
{
    private readonly SvmSystem _system = device.System;
    private readonly MigratePfn[] _source = new MigratePfn[PageMask.Pages];
    private readonly MigratePfn[] _target = new MigratePfn[PageMask.Pages];

    /// <summary>Pages that moved to or from the device so far. Under the state lock.</summary>
    public long PagesMoved { get; private set; }

    /// <summary>Moves pages to the device.</summary>
    /// <param name="block">The block.</param>
    /// <param name="pages">Which of its pages; those that are there already are passed over.</param>
    /// <param name="faulted">Those that faulted: the others came along.</param>
    /// <param name="cause">Why the faulted ones move.</param>
    /// <param name="allOrNothing">Whether a run of pages moves only if all of it can.</param>
    /// <returns>Which pages moved, or were populated there.</returns>
    public PageMask ToDevice(SvmBlock block, PageMask pages, in PageMask faulted, MoveCause cause, bool allOrNothing)
    {
        PageMask moved = default;
        pages -= device.Residence.PagesOf(block);
        BringFromOthers(block, pages, cause);
        if (pages.IsEmpty || !TryMakeRoom(block, pages.Count))
        {
            return moved;
        }

        _system.Hooks?.At(ServicePoint.BeforeMigration, block.Space, RangeOf(block, pages));
        PageMask populated = default;
        for (int first = pages.Next(0); first < PageMask.Pages;)
        {
            int end = pages.NextMissing(first);
            MoveRun(block, first, end - first, allOrNothing, ref moved, ref populated);
            first = pages.Next(end);
        }

        Account(block, pages, moved, populated, faulted, cause);
        _system.Hooks?.At(ServicePoint.AfterMigration, block.Space, RangeOf(block, pages));
        return moved;
    }

    /// <summary>Moves pages for the program, block by block.</summary>
    public long Move(SvmSpace space, VirtualRange range, bool toDevice)
    {
        long moved = 0;
        ulong end = range.End.PageNumber;
        for (ulong page = range.Start.PageNumber; page < end;)
        {
            SvmBlock block = space.BlockAt(page >> GpuEntry.HugeOrder);
            int first = (int)(page - block.FirstPage);
            int count = (int)Math.Min(end - page, (ulong)(PageMask.Pages - first));
            PageMask pages = PageMask.Range(first, count);
            if (toDevice)
            {
                // Each block is a step of its own: what the program moved later was populated later.
                device.Residence.Tick();
                moved += ToDevice(block, pages, pages, MoveCause.User, allOrNothing: false).Count;
            }
            else
            {
                moved += ToSystem(block, pages & device.Residence.PagesOf(block), MoveCause.User).Count;
            }

            WaitForCopies();
            page += (ulong)count;
        }

        return moved;
    }

    /// <summary>Lets modelled time pass until all copies are done.</summary>
    public void WaitForCopies()
    {
        lock (_system.StateLock)
        {
            _system.Report.Time.Copy += _system.Clock.PassUntil(device.Gpu.CopyEngine.BusyUntil);
        }
    }

    private static VirtualRange RangeOf(SvmBlock block, in PageMask pages)
    {
        int first = pages.Next(0);
        return VirtualRange.FromPages(VirtualAddress.FromPage(block.FirstPage + (ulong)first), (ulong)(pages.End - first));
    }

    /// <summary>What lives with another device comes home first: no device reaches another's memory.</summary>
    private void BringFromOthers(SvmBlock block, in PageMask pages, MoveCause cause)
    {
        foreach (SvmDevice other in _system.DeviceArray)
        {
            if (other != device)
            {
                PageMask there = other.Residence.PagesOf(block) & pages;
                if (!there.IsEmpty)
                {
                    other.Migration.ToSystem(block, there, cause);
                }
            }
        }
    }

    private void MoveRun(SvmBlock block, int first, int count, bool allOrNothing, ref PageMask moved, ref PageMask populated)
    {
        AddressSpace space = block.Space.Space;
        int end = first + count;
        space.MmapLock.EnterRead();
        try
        {
            while (first < end)
            {
                VirtualAddress start = VirtualAddress.FromPage(block.FirstPage + (ulong)first);
                Vma? vma = space.IsDead ? null : space.FindVma(start);
                if (vma == null)
                {
                    first++;
                    continue;
                }

                int here = (int)Math.Min((ulong)(end - first), vma.Range.End.PageNumber - start.PageNumber);
                if (vma.IsAnonymous && (vma.Flags & VmaFlags.Special) == 0 && (vma.Flags & VmaFlags.Read) != 0)
                {
                    MovePiece(block, vma, first, here, allOrNothing, ref moved, ref populated);
                }

                first += here;
            }
        }
        finally
        {
            space.MmapLock.ExitRead();
        }
    }

    private void MovePiece(SvmBlock block, Vma vma, int first, int count, bool allOrNothing, ref PageMask moved, ref PageMask populated)
    {
        ulong firstPage = block.FirstPage + (ulong)first;
        MigrateVma migrate = new()
        {
            Vma = vma,
            Range = VirtualRange.FromPages(VirtualAddress.FromPage(firstPage), (ulong)count),
            Source = _source.AsSpan(0, count),
            Target = _target.AsSpan(0, count),
            PagemapOwner = device,
            Select = MigrateVmaSelect.System,
        };
        if (migrate.Setup() != HmmStatus.Success)
        {
            return;
        }

        if (!allOrNothing || migrate.Candidates == count)
        {
            TakeTargets(block, vma, firstPage, count);
        }

        migrate.MigratePages();
        for (int i = 0; i < count; i++)
        {
            // Entered before the page is unlocked: from then on it can be freed again at any time.
            if (_source[i].IsMigrating && _target[i].IsValid)
            {
                device.Residence.Add(block, first + i, _target[i].Pfn);
                moved.Add(first + i);
                if (!_source[i].IsValid)
                {
                    populated.Add(first + i);
                }
            }
        }

        migrate.FinalizeMigration();
    }

    private void TakeTargets(SvmBlock block, Vma vma, ulong firstPage, int count)
    {
        long now = _system.Clock.Now;
        IServiceHooks? hooks = _system.Hooks;
        lock (device.Gpu.CopyEngine)
        {
            for (int i = 0; i < count; i++)
            {
                MigratePfn source = _source[i];
                ulong page = firstPage + (ulong)i;
                if (!source.IsMigrating || (hooks != null && hooks.RefusesMigration(page))
                    || !device.Pagemap.TryTakePage(out Pfn target, SvmDevice.DriverWordOf(block.Space, page)))
                {
                    continue;
                }

                CopyDirection direction = source.IsValid ? CopyDirection.ToDevice : CopyDirection.WithinDevice;
                device.Gpu.CopyEngine.Add(source.Pfn, target, direction, now);
                bool writable = source.IsWritable || (!source.IsValid && (vma.Flags & VmaFlags.Write) != 0);
                _target[i] = MigratePfn.Target(target, writable);
            }

            device.Gpu.CopyEngine.Run(now);
        }
    }

    private void Account(SvmBlock block, in PageMask asked, in PageMask moved, in PageMask populated, in PageMask faulted, MoveCause cause)
    {
        lock (_system.StateLock)
        {
            _system.Report.RefusedPages += (asked - moved).Count;
            _system.Report.PagesPrefetched += (moved - faulted).Count;
            _system.Report.Time.Map += (long)_system.Clock.Pass(_system.Costs.Unmap * (moved - populated).Count);
            MoveCause along = cause == MoveCause.DeviceFault ? MoveCause.Prefetch : cause;
            Note(block, (moved - populated) & faulted, Agents.Cpu, device.Agent, cause);
            Note(block, moved & populated & faulted, Agents.None, device.Agent, cause);
            Note(block, moved - populated - faulted, Agents.Cpu, device.Agent, along);
            Note(block, (moved & populated) - faulted, Agents.None, device.Agent, along);
        }
    }

    /// <summary>Under the state lock.</summary>
    private void Note(SvmBlock block, PageMask pages, int from, int to, MoveCause cause)
    {
        if (pages.IsEmpty)
        {
            return;
        }

        PagesMoved += pages.Count;
        _system.NoteMove(new ResidencyEvent
        {
            Change = cause switch
            {
                MoveCause.Eviction => ResidencyChange.Eviction,
                MoveCause.User => ResidencyChange.UserMigration,
                _ => ResidencyChange.Migration,
            },
            Cause = cause,
            Space = block.Space.Index,
            Block = block.Number,
            Pages = pages,
            From = from,
            To = to,
            Time = _system.Clock.Now,
        });
    }
}
