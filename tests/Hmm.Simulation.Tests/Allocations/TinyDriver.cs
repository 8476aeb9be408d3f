using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;

namespace Hmm.Simulation.Tests.Allocations;

/// <summary>The smallest driver that does everything: mirrors, moves pages to its memory and back, takes pages exclusively. Allocates nothing.</summary>
internal sealed class TinyDriver : IMmuIntervalNotifierOps, IDevicePagemapOps
{
    private readonly MemorySystem _memory;
    private readonly AddressSpace _space;
    private readonly MmuIntervalNotifier _notifier;
    private readonly DevicePagemap _pagemap;

    public TinyDriver(MemorySystem memory, AddressSpace space)
    {
        _memory = memory;
        _space = space;
        _pagemap = new DevicePagemap(memory, this, this);
        _notifier = new MmuIntervalNotifier(this);
        Assert.Equal(HmmStatus.Success, _notifier.Insert(space.Notifiers, default, PageConstants.UserSpaceEnd));
    }

    public bool Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        subscription.SetSequence(sequence);
        return true;
    }

    public void PageFree(Pfn page)
    {
    }

    public VmFaultResult MigrateToRam(in DeviceFault fault)
    {
        Span<MigratePfn> source = stackalloc MigratePfn[1];
        Span<MigratePfn> target = stackalloc MigratePfn[1];
        MigrateVma migrate = new()
        {
            Vma = fault.Vma, Range = VirtualRange.FromPages(fault.Address, 1), Source = source, Target = target,
            PagemapOwner = this, Select = MigrateVmaSelect.DevicePrivate, FaultPage = fault.Page,
        };
        return Move(ref migrate, toDevice: false) == 1 ? VmFaultResult.None : VmFaultResult.SigBus;
    }

    /// <summary>A range fault of up to 16 pages.</summary>
    public HmmStatus Fault(VirtualRange range, bool write)
    {
        Span<ulong> words = stackalloc ulong[16];
        HmmRange request = new()
        {
            Space = _space, Notifier = _notifier, Range = range, Pfns = words[..(int)range.PageCount], DevicePrivateOwner = this,
            DefaultFlags = (ulong)(HmmPfnFlags.RequestFault | (write ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None)),
        };
        HmmStatus status;
        do
        {
            request.NotifierSequence = _notifier.ReadBegin();
            _space.MmapLock.EnterRead();
            status = HmmRangeFault.Run<Linux2020>(ref request);
            _space.MmapLock.ExitRead();
        }
        while (status == HmmStatus.Busy || _notifier.ReadRetry(request.NotifierSequence));
        return status;
    }

    /// <summary>Moves up to 16 pages.</summary>
    /// <returns>How many moved.</returns>
    public int Migrate(VirtualRange range, bool toDevice)
    {
        Span<MigratePfn> source = stackalloc MigratePfn[16];
        Span<MigratePfn> target = stackalloc MigratePfn[16];
        _space.MmapLock.EnterRead();
        MigrateVma migrate = new()
        {
            Vma = _space.FindVma(range.Start)!, Range = range, Source = source, Target = target,
            PagemapOwner = this, Select = toDevice ? MigrateVmaSelect.System : MigrateVmaSelect.DevicePrivate,
        };
        int moved = Move(ref migrate, toDevice);
        _space.MmapLock.ExitRead();
        return moved;
    }

    /// <summary>Takes one page exclusively and lets go of it.</summary>
    public bool TakeExclusively(VirtualAddress page)
    {
        Span<Pfn> pages = stackalloc Pfn[1];
        _space.MmapLock.EnterRead();
        HmmStatus status = DeviceExclusiveAccess.MakeRange(_space, VirtualRange.FromPages(page, 1), pages, this, out _);
        _space.MmapLock.ExitRead();
        if (status != HmmStatus.Success || pages[0].IsNone)
        {
            return false;
        }

        _memory.UnlockAndPut(pages[0]);
        return true;
    }

    private int Move(ref MigrateVma migrate, bool toDevice)
    {
        if (migrate.Setup() != HmmStatus.Success)
        {
            return 0;
        }

        int count = (int)migrate.Range.PageCount;
        for (int i = 0; i < count; i++)
        {
            MigratePfn source = migrate.Source[i];
            Pfn copy = Pfn.None;
            if (!source.IsMigrating || !(toDevice ? _pagemap.TryTakePage(out copy) : _memory.TryTakeLockedPage(out copy)))
            {
                continue;
            }

            if (source.IsValid)
            {
                _memory.FrameBytes(source.Pfn).CopyTo(_memory.FrameBytes(copy));
            }

            migrate.Target[i] = MigratePfn.Target(copy);
        }

        migrate.MigratePages();
        migrate.FinalizeMigration();
        int moved = 0;
        for (int i = 0; i < count; i++)
        {
            moved += migrate.Source[i].IsMigrating ? 1 : 0;
        }

        return moved;
    }
}
