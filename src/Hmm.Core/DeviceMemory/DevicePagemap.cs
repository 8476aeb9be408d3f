using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Locking;
using Hmm.Core.Machines;

namespace Hmm.Core.DeviceMemory;

/// <summary>Private memory of a device: frames that only the device reaches (the kernel's dev_pagemap of type private).</summary>
/// <remarks>
/// <para>A page is taken locked and with one reference, as zone_device_page_init hands it out; <see cref="Migration.MigrateVma"/> makes it the
/// memory of an address; with its last reference it comes back through <see cref="IDevicePagemapOps.PageFree"/> and can be taken again.</para>
/// <para>Thread-safe. Frames are added 32 MiB at a time, up to the capacity, which is counted in pages in use.</para>
/// </remarks>
public sealed unsafe partial class DevicePagemap
{
    private readonly MemorySystem _system;
    private readonly ulong _capacityPages;
    private readonly int _id;
    private uint _free;
    private int _lock;
    private long _inUse;
    private ulong _sizeBytes;

    /// <summary>Registers device memory.</summary>
    /// <param name="system">The system.</param>
    /// <param name="owner">Identity of the owner, compared by reference: who sees these pages in a range fault and may migrate them.</param>
    /// <param name="ops">The owner's callbacks.</param>
    /// <param name="capacityPages">Pages of 4 KiB that may be in use at once.</param>
    /// <exception cref="ArgumentNullException">An argument is null; the kernel refuses a private pagemap without owner and callbacks too.</exception>
    public DevicePagemap(MemorySystem system, object owner, IDevicePagemapOps ops, ulong capacityPages = ulong.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(ops);
        system.ThrowIfDisposed();
        _system = system;
        Owner = owner;
        Ops = ops;
        _capacityPages = capacityPages;
        _id = system.Pagemaps.Register(this);
    }

    /// <summary>Identity of the owner.</summary>
    public object Owner { get; }

    /// <summary>Pages in use.</summary>
    public long PagesInUse => Volatile.Read(ref _inUse);

    internal IDevicePagemapOps Ops { get; }

    /// <summary>Takes a page: locked, with one reference, its content undefined.</summary>
    /// <param name="page">The page.</param>
    /// <param name="driverWord">A number that the driver keeps with the page while it is in use.</param>
    /// <returns>False if the capacity is used up or the machine has no more.</returns>
    public bool TryTakePage(out Pfn page, ulong driverWord = 0)
    {
        _system.ThrowIfDisposed();
        page = Pfn.None;
        SpinWord.Enter(ref _lock, LockRank.Allocator);
        PageFrame* record = null;
        if ((ulong)_inUse < _capacityPages && (_free != 0 || TryGrow()))
        {
            record = _system.Frames.Record(new Pfn(_free));
            _free = record->Next;
            _inUse++;
        }

        SpinWord.Exit(ref _lock, LockRank.Allocator);
        if (record == null)
        {
            return false;
        }

        record->Next = 0;
        _system.Allocator.Poison?.Exhume(record);
        record->Clear(FrameFlags.Free);
        HandOut(record, driverWord);
        page = record->Pfn;
        return true;
    }

    private static void HandOut(PageFrame* record, ulong driverWord)
    {
        FolioLock.TryEnter(record);
        record->Private = driverWord;
        Volatile.Write(ref record->RefCount, 1);
    }

    /// <summary>The number that the driver keeps with a page.</summary>
    /// <param name="page">A page of this memory in use.</param>
    /// <returns>The number.</returns>
    public ulong DriverWord(Pfn page) => _system.Alive.Record(page)->Private;

    /// <summary>Where a page is in the device's memory.</summary>
    /// <param name="page">A page of this memory.</param>
    /// <returns>Its address in bytes; the memory begins at 0.</returns>
    public ulong DeviceAddress(Pfn page) => _system.Alive.DeviceAddress(page);

    /// <summary>Whether the frame is of this memory.</summary>
    /// <param name="page">A frame that exists.</param>
    /// <returns>True if it is.</returns>
    public bool Holds(Pfn page) => _system.Alive.Exists(page) && _system.Frames.PagemapOf(page) == _id;

    /// <summary>Gives up a page that was taken and never used: unlocks it and drops its reference.</summary>
    /// <param name="page">The page.</param>
    public void ReturnUnused(Pfn page)
    {
        PageFrame* record = _system.Alive.Record(page);
        FolioLock.Exit(record);
        _system.Folios.Put(record);
    }

    /// <summary>Pages in use, in ascending order, for eviction: the next one at or after a frame.</summary>
    /// <param name="from">Where to begin; <see cref="Pfn.None"/> for the first.</param>
    /// <returns>The page, or <see cref="Pfn.None"/> if there is none.</returns>
    public Pfn NextInUse(Pfn from)
    {
        ulong count = _system.Alive.FrameCount;
        for (ulong pfn = Math.Max(from.Value, 1); pfn < count; pfn++)
        {
            PageFrame* record = _system.Frames.Record(new Pfn(pfn));
            if (_system.Frames.PagemapOf(new Pfn(pfn)) != _id)
            {
                // Chunks belong to one memory each.
                pfn |= FrameTable.ChunkFrames - 1;
            }
            else if (Volatile.Read(ref record->RefCount) > 0)
            {
                return record->Pfn;
            }
        }

        return Pfn.None;
    }

    /// <summary>Number of the first free frame, 0 for none; the rest by <see cref="PageFrame.Next"/>. For checks.</summary>
    internal uint FirstFree => _free;

    internal int Id => _id;

    internal void Freed(PageFrame* record)
    {
        Ops.PageFree(record->Pfn);
        _system.Allocator.Poison?.Bury(record);
        SpinWord.Enter(ref _lock, LockRank.Allocator);
        record->Set(FrameFlags.Free);
        if (!_system.Frames.IsPlaced(record->Pfn))
        {
            record->Next = _free;
            _free = record->SelfPfn;
        }

        _inUse--;
        SpinWord.Exit(ref _lock, LockRank.Allocator);
    }

    private bool TryGrow()
    {
        if (!_system.Frames.TryAddChunk(MemoryKind.DevicePrivate, _id, _sizeBytes, out Pfn first))
        {
            return false;
        }

        _sizeBytes += (ulong)FrameTable.ChunkFrames << PageConstants.PageShift;

        for (int i = FrameTable.ChunkFrames - 1; i >= 0; i--)
        {
            PageFrame* record = _system.Frames.Record(first.Add(i));
            record->Set(FrameFlags.Free);
            record->Next = _free;
            _free = record->SelfPfn;
        }

        return true;
    }
}
