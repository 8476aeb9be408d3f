using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Core.Migration;

namespace Hmm.Simulation.Stress;

/// <summary>A small device memory whose mirrors ignore no notification, also not those of its own migrations.</summary>
internal sealed class StressDevice : IDevicePagemapOps
{
    public const int BatchPages = 64;

    private readonly StressWorld _world;
    private readonly DevicePagemap _pagemap;

    /// <summary>The pages by their place in the device's memory, once each has been used.</summary>
    private readonly Pfn[] _byAddress;

    public StressDevice(StressWorld world, ulong capacityPages)
    {
        _world = world;
        _pagemap = new DevicePagemap(world.Machine.Memory, this, this, capacityPages);
        _byAddress = new Pfn[capacityPages];
    }

    private MemorySystem Memory => _world.Machine.Memory;

    /// <summary>The page at an address of the device's memory, in bytes; none if there never was one.</summary>
    public Pfn PageAt(ulong deviceAddress)
    {
        ulong place = deviceAddress >> PageConstants.PageShift;
        return place < (ulong)_byAddress.Length ? _byAddress[place] : Pfn.None;
    }

    /// <summary>Takes pages into the device's memory.</summary>
    public void MigrateIn(AddressSpace space, VirtualRange range)
    {
        space.MmapLock.EnterRead();
        VirtualAddress at = range.Start;
        while (at < range.End && space.FindVma(at) is { } vma)
        {
            VirtualAddress end = vma.Range.End < range.End ? vma.Range.End : range.End;
            ulong pages = Math.Min(end.PageNumber - at.PageNumber, BatchPages);
            MigratePiece(vma, VirtualRange.FromPages(at, pages));
            at = at.AddPages((int)pages);
        }

        space.MmapLock.ExitRead();
    }

    /// <summary>Empties the device's memory.</summary>
    public void Evict()
    {
        Span<Pfn> pages = stackalloc Pfn[BatchPages];
        Span<MigratePfn> source = stackalloc MigratePfn[BatchPages];
        Span<MigratePfn> target = stackalloc MigratePfn[BatchPages];
        int count = 0;
        for (Pfn next = _pagemap.NextInUse(Pfn.None); count < BatchPages && !next.IsNone; next = _pagemap.NextInUse(next.Add(1)))
        {
            pages[count++] = next;
        }

        MigrateDevice migrate = new(Memory, source[..count], target[..count]);
        migrate.Setup(pages[..count]);
        for (int i = 0; i < count; i++)
        {
            target[i] = CopyHome(source[i]);
        }

        migrate.MigratePages();
        migrate.FinalizeMigration();
    }

    VmFaultResult IDevicePagemapOps.MigrateToRam(in DeviceFault fault)
    {
        Span<MigratePfn> source = stackalloc MigratePfn[1];
        Span<MigratePfn> target = stackalloc MigratePfn[1];
        MigrateVma migrate = new(in fault, source, target);
        if (migrate.Setup() != HmmStatus.Success)
        {
            return VmFaultResult.SigBus;
        }

        target[0] = CopyHome(source[0]);
        bool isOutOfMemory = source[0].IsMigrating && !target[0].IsValid;
        migrate.MigratePages();
        migrate.FinalizeMigration();
        return isOutOfMemory ? VmFaultResult.OutOfMemory : VmFaultResult.None;
    }

    void IDevicePagemapOps.PageFree(Pfn page)
    {
        // The pagemap keeps the free list.
    }

    private MigratePfn CopyHome(MigratePfn source)
    {
        if (!source.IsValid || !source.IsMigrating || !Memory.TryTakeLockedPage(out Pfn page))
        {
            return default;
        }

        Memory.FrameBytes(source.Pfn).CopyTo(Memory.FrameBytes(page));
        return MigratePfn.Target(page, source.IsWritable);
    }

    private void MigratePiece(Vma vma, VirtualRange piece)
    {
        int pages = (int)piece.PageCount;
        Span<MigratePfn> source = stackalloc MigratePfn[BatchPages];
        Span<MigratePfn> target = stackalloc MigratePfn[BatchPages];
        MigrateVma migrate = new()
        {
            Vma = vma,
            Range = piece,
            Source = source[..pages],
            Target = target[..pages],
            PagemapOwner = this,
            Select = MigrateVmaSelect.System,
        };
        if (migrate.Setup() != HmmStatus.Success)
        {
            return;
        }

        using StoreBuffer buffer = new(Memory, isDelayed: _world.Bug == StressBug.NoReleaseBarrier);
        for (int i = 0; i < pages; i++)
        {
            if (source[i].IsMigrating && _pagemap.TryTakePage(out Pfn page))
            {
                _byAddress[_pagemap.DeviceAddress(page) >> PageConstants.PageShift] = page;
                target[i] = MigratePfn.Target(page, source[i].IsWritable);
                buffer.Store(page, source[i].Pfn);
            }
        }

        migrate.MigratePages();
        migrate.FinalizeMigration();
    }
}
