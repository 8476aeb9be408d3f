using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Diagnostics;
using Hmm.Core.Frames;
using Hmm.Core.Machines;
using Hmm.Core.PageTables;
using Hmm.Core.ReverseMapping;
using Hmm.Core.Swapping;

namespace Hmm.Core;

/// <summary>The engine: everything that address spaces of one machine share. Frames, swap, device memory, the zero pages.</summary>
/// <remarks>Thread-safe. Owns all native memory that the engine allocates; dispose it after the last address space has exited. Afterwards calls on the
/// engine, on its address spaces and on its device memory throw <see cref="ObjectDisposedException"/>.</remarks>
public sealed unsafe class MemorySystem : IDisposable
{
    private uint _hugeZero;
    private int _disposed;

    /// <summary>Makes an engine on a machine.</summary>
    /// <param name="machine">The machine; it must outlive the engine.</param>
    /// <param name="systemFrames">How many frames of system memory may be in use at once.</param>
    public MemorySystem(IMachine machine, ulong systemFrames = ulong.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(machine);
        Machine = machine;
        Frames = new FrameTable(machine);
        Tables = new PageTableNodePool();
        Roots = new RmapRoots();
        Pagemaps = new DevicePagemaps();
        Swap = new SwapArea(machine, Frames);
        // The zero page is the system's, not a user's: it does not count.
        Allocator = new FrameAllocator(Frames, systemFrames == ulong.MaxValue ? systemFrames : systemFrames + 1, machine);
        Folios = new Folios(Allocator, Swap, Roots, Pagemaps);
        PageFrame* zero = Allocator.TryTake(zero: true);
        if (zero == null)
        {
            throw new InsufficientMemoryException("The machine has no memory for the zero page.");
        }

        zero->Set(FrameFlags.Reserved);
        ZeroPage = zero->Pfn;
    }

    /// <summary>The shared zero page.</summary>
    public Pfn ZeroPage { get; }

    /// <summary>Is told what happens inside; null for nobody. Set it before the engine is used.</summary>
    public IMemoryObserver? Observer { get; set; }

    /// <summary>Whether somebody pretended a failure of a zero page since the engine started.</summary>
    public bool ZeroPageFailureInjected { get; internal set; }

    /// <summary>Whether it was disposed.</summary>
    /// <remarks>Thread-safe: an acquire read; stays true.</remarks>
    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>System frames in use, the zero page included.</summary>
    public ulong SystemFramesInUse => Allocator.InUse;

    /// <summary>First frame of the huge zero page; none if nobody wanted it yet.</summary>
    internal Pfn HugeZero => new(Volatile.Read(ref _hugeZero));

    internal IMachine Machine { get; }

    internal FrameTable Frames { get; }

    /// <summary>The frames, for calls from outside.</summary>
    internal FrameTable Alive
    {
        get
        {
            ThrowIfDisposed();
            return Frames;
        }
    }

    internal FrameAllocator Allocator { get; }

    internal Folios Folios { get; }

    internal PageTableNodePool Tables { get; }

    internal RmapRoots Roots { get; }

    internal SwapArea Swap { get; }

    internal DevicePagemaps Pagemaps { get; }

    /// <summary>Makes an empty address space.</summary>
    /// <param name="mmu">The real MMU behind it; null if its CPUs are the modelled ones, which walk the engine's tables.</param>
    /// <returns>The address space.</returns>
    public AddressSpace CreateAddressSpace(IMmu? mmu = null)
    {
        ThrowIfDisposed();
        return new AddressSpace(this, mmu);
    }

    /// <summary>Sets frames aside that are used only where an <see cref="IMmu"/> names them, consecutive ones, the first number a multiple of 8192.</summary>
    /// <param name="frameCount">How many; rounded up to chunks of 32 MiB.</param>
    /// <returns>The first, or none if the machine has no more. They cost no memory until they are used.</returns>
    public Pfn ReservePlaces(ulong frameCount) => Allocator.ReservePlaces(frameCount);

    /// <summary>Whether nobody uses any of these frames with fixed places, and their bytes are discarded.</summary>
    /// <param name="first">The first.</param>
    /// <param name="frameCount">How many.</param>
    /// <returns>True if so. Call <see cref="RecycleFrames"/> first.</returns>
    public bool ArePlacesFree(Pfn first, ulong frameCount) => Allocator.AreFree(first, frameCount);

    /// <summary>Makes returned frames with fixed places free, by discarding their bytes. The machine calls it when it has unmapped or migrated many.</summary>
    /// <remarks>Thread-safe, under no lock. Frames that are wanted again before are recycled by who wants them.</remarks>
    public void RecycleFrames() => Allocator.Recycle();

    /// <summary>The bytes of a frame, as the engine and a device reach them.</summary>
    /// <param name="pfn">A frame that exists.</param>
    /// <returns>4 KiB; valid while the caller holds the page by an entry, a reference or a lock.</returns>
    public Span<byte> FrameBytes(Pfn pfn) => new(Alive.Data(Frames.Record(pfn)), PageConstants.PageSize);

    /// <summary>Says that a device has written to a page. The CPU's entry does not know, and without it a clean page of shared memory, or one lazily
    /// freed, would be dropped and not written to swap.</summary>
    /// <param name="pfn">The frame.</param>
    /// <remarks>Call it under the driver's lock, while the device's entry is there: whoever takes the page away invalidates the entry first and looks
    /// at the mark afterwards. Thread-safe; one interlocked operation. Source: set_page_dirty, the duty of every driver that maps for writing.</remarks>
    public void MarkDirty(Pfn pfn) => PageFrame.HeadOf(Alive.Record(pfn))->Set(FrameFlags.Dirty);

    /// <summary>Whether a page may differ from a copy that its driver keeps: it was written, or nobody said <see cref="MarkClean"/>.</summary>
    /// <param name="pfn">The frame of a page that the caller holds locked for migration: entries that were dirty have marked it.</param>
    /// <returns>True if so.</returns>
    public bool IsDirty(Pfn pfn) => PageFrame.HeadOf(Frames.Record(pfn))->Has(FrameFlags.Dirty);

    /// <summary>Says that a page's content is saved where its driver can find it again.</summary>
    /// <param name="pfn">The frame of a page that the caller holds locked for migration.</param>
    public void MarkClean(Pfn pfn) => PageFrame.HeadOf(Frames.Record(pfn))->Clear(FrameFlags.Dirty);

    /// <summary>Whether the frame is memory that only a device reaches.</summary>
    /// <param name="pfn">A frame.</param>
    /// <returns>True if it is.</returns>
    public bool IsDevicePrivate(Pfn pfn) => Alive.Exists(pfn) && Frames.Record(pfn)->IsDevice;

    /// <summary>The owner of a device frame.</summary>
    /// <param name="pfn">A device frame.</param>
    /// <returns>The owner's identity.</returns>
    public object DeviceOwner(Pfn pfn) => Pagemaps[Alive.Record(pfn)->PagemapId].Owner;

    /// <summary>System frames, of those that the limit allows, that only pages coming back from a device's memory get; 0 by default.</summary>
    /// <remarks>Counts where frames have fixed places, behind a real MMU: what is in a device can then be reached though memory is full, and makes room there.
    /// Less than the limit. What is beyond it already stays where it is. Source: the reserves below Linux's lowest watermark.</remarks>
    public ulong ReservedFrames
    {
        get => Allocator.Reserve;
        set => Allocator.Reserve = value;
    }

    /// <summary>Takes a system frame for a driver's copy: locked, with one reference.</summary>
    /// <param name="page">The frame, its content undefined.</param>
    /// <returns>False if memory is out.</returns>
    /// <remarks>Only where no address space has a real MMU: see the other form.</remarks>
    public bool TryTakeLockedPage(out Pfn page)
    {
        ThrowIfDisposed();
        return TryLockTaken(Allocator.TryTake(zero: false), out page);
    }

    /// <summary>Takes the system frame that the copy of a device page must have: locked, with one reference.</summary>
    /// <param name="space">Where the page belongs.</param>
    /// <param name="address">First address of the page.</param>
    /// <param name="page">The frame, its content undefined.</param>
    /// <param name="mayUseReserve">Whether the page is needed at once, so that it may have one of the <see cref="ReservedFrames"/>.</param>
    /// <returns>False if memory is out.</returns>
    public static bool TryTakeLockedPage(AddressSpace space, VirtualAddress address, out Pfn page, bool mayUseReserve = false)
    {
        ArgumentNullException.ThrowIfNull(space);
        return TryLockTaken(space.TryTakeFrame(address.Value, zero: false, mayUseReserve), out page);
    }

    /// <summary>The same where the driver knows the page and not who maps it, as in the eviction of a whole device.</summary>
    /// <param name="source">The device page; the caller holds it locked for migration.</param>
    /// <param name="page">The frame, its content undefined.</param>
    /// <returns>False if memory is out, or if nobody maps the page any more.</returns>
    public bool TryTakeLockedPageFor(Pfn source, out Pfn page)
    {
        if (ReverseMap.TryFindPlace(this, Frames.Record(source), out AddressSpace? space, out ulong address))
        {
            return TryLockTaken(space!.TryTakeFrame(address, zero: false), out page);
        }

        page = Pfn.None;
        return false;
    }

    /// <summary>Unlocks a page and drops the caller's reference, as drivers do with pages of an exclusive request.</summary>
    /// <param name="page">A page that the caller holds locked and with a reference.</param>
    public void UnlockAndPut(Pfn page)
    {
        PageFrame* head = PageFrame.HeadOf(Alive.Record(page));
        FolioLock.Exit(head);
        Folios.Put(head);
    }

    /// <summary>Whether this is a zero page, small or part of the huge one.</summary>
    /// <param name="pfn">A frame.</param>
    /// <returns>True if it is.</returns>
    public bool IsZeroPage(Pfn pfn) => pfn == ZeroPage;

    /// <summary>Marks the zero page as failed, as it is on a machine where somebody injected a failure into it since it booted.</summary>
    public void MarkZeroPageFailed() => Alive.Record(ZeroPage)->Set(FrameFlags.HwPoison);

    /// <summary>Frees all native memory. Address spaces must be gone, and nobody may be inside a call. Harmless a second time.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Swap.Dispose();
        Tables.Dispose();
        Frames.Dispose();
    }

    private static bool TryLockTaken(PageFrame* record, out Pfn page)
    {
        if (record == null)
        {
            page = Pfn.None;
            return false;
        }

        FolioLock.TryEnter(record);
        page = record->Pfn;
        return true;
    }

    /// <summary>For calls from outside, which would read memory that has been given back.</summary>
    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(IsDisposed, this);

    internal bool IsHugeZero(Pfn pfn) => _hugeZero != 0 && pfn.Value >> PageConstants.HugeOrder == _hugeZero >> PageConstants.HugeOrder;

    /// <summary>The huge zero page, made when it is wanted first; none if memory is out.</summary>
    internal Pfn HugeZeroPage()
    {
        uint known = Volatile.Read(ref _hugeZero);
        if (known != 0)
        {
            return new Pfn(known);
        }

        PageFrame* head = Allocator.TryTakeHuge();
        if (head == null)
        {
            return Pfn.None;
        }

        head->Set(FrameFlags.Reserved);
        uint first = Interlocked.CompareExchange(ref _hugeZero, head->SelfPfn, 0);
        if (first == 0)
        {
            return head->Pfn;
        }

        head->RefCount = 0;
        Allocator.ReturnHuge(head);
        return new Pfn(first);
    }
}
