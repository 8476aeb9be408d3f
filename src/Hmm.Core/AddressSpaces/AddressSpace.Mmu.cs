using System;
using Hmm.Core.Addressing;
using Hmm.Core.Faults;
using Hmm.Core.Frames;
using Hmm.Core.Machines;
using Hmm.Core.PageTables;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.AddressSpaces;

// The real MMU: frames where it can map them, and CPU faults that end by filling it.
public sealed unsafe partial class AddressSpace
{
    /// <summary>How long to wait for the last holder of a frame, in turns that give the processor away.</summary>
    private const int WaitTurnsMax = 100_000;

    /// <summary>Whether first touches for reading map the shared zero page, as Linux does; otherwise they get a page of their own.</summary>
    /// <remarks>A real MMU that can map only one frame at an address spends a page on zeros anyway, and a fault more when it is written. Set it
    /// before the space is used. Source: mm_forbids_zeropage.</remarks>
    public bool UsesZeroPage { get; set; } = true;

    /// <summary>A CPU has faulted in the real MMU: does what the access needs, and fills the MMU.</summary>
    /// <typeparam name="TFill">How the MMU is filled.</typeparam>
    /// <param name="address">What was touched.</param>
    /// <param name="isWrite">Whether it was a write.</param>
    /// <param name="fill">Is called once, if there is no signal.</param>
    /// <returns>The signal that the access raises.</returns>
    /// <remarks>
    /// Takes the address-space lock for reading. An entry is filled as writable only when it is dirty, so that the first write to a clean page is seen; the
    /// pages after it are filled along as far as they are present, not accessed yet, and allow the same. Thread-safe; no managed allocation but the
    /// first of a mapping's family.
    /// </remarks>
    public CpuSignal Fault<TFill>(VirtualAddress address, bool isWrite, ref TFill fill)
        where TFill : ICpuFill, allows ref struct
    {
        ulong page = address.Value & ~(ulong)(PageConstants.PageSize - 1);
        EnterRead();
        try
        {
            while (true)
            {
                if (_isDead)
                {
                    return CpuSignal.Segv;
                }

                if (TryFill(page, isWrite, ref fill))
                {
                    return CpuSignal.None;
                }

                CpuSignal signal = Resolve(page, isWrite);
                if (signal != CpuSignal.None)
                {
                    return signal;
                }
            }
        }
        finally
        {
            LeaveRead();
        }
    }

    /// <summary>Takes the frame for a page of this address space; null if memory is out, or if somebody else has just put a page there.</summary>
    /// <remarks>A frame with a fixed place may have to be waited for: the page that has just left the address, or its last holder.</remarks>
    internal PageFrame* TryTakeFrame(ulong address, bool zero, bool mayUseReserve = false)
    {
        if (Mmu == null)
        {
            return Engine.Allocator.TryTake(zero);
        }

        Pfn place = Mmu.FrameOf(new VirtualAddress(address));
        for (int turn = 0; turn < WaitTurnsMax && !place.IsNone; turn++)
        {
            ReleaseFromFolio(place);
            PageFrame* page = Engine.Allocator.TryTakeAt(place, mayUseReserve, out bool isBusy);
            if (page != null || !isBusy || HasPage(address))
            {
                return zero ? MarkFresh(page) : page;
            }

            Engine.Allocator.WaitFor(place);
        }

        return null;
    }

    /// <summary>Sees to it that nothing is left in the only frame that can be shown at an address, before the zero page is shown there.</summary>
    /// <returns>False if somebody keeps that frame.</returns>
    internal bool TryEmptyPlace(ulong address)
    {
        Pfn place = Mmu == null ? Pfn.None : Mmu.FrameOf(new VirtualAddress(address));
        for (int turn = 0; turn < WaitTurnsMax && !place.IsNone && !Engine.Allocator.AreFree(place, 1) && !HasPage(address); turn++)
        {
            ReleaseFromFolio(place);
            Engine.Allocator.WaitFor(place);
        }

        return place.IsNone || Engine.Allocator.AreFree(place, 1) || HasPage(address);
    }

    /// <summary>Takes the frames for a huge page of this address space, zeroed; null if there are none.</summary>
    internal PageFrame* TryTakeHugeFrame(ulong address) => Mmu == null ? Engine.Allocator.TryTakeHuge() : TryTakeHugePlace(address);

    /// <summary>INV-15: call it under the lock of the table, after entries of the range were taken away or replaced.</summary>
    internal void FlushMmu(ulong start, ulong end) => Mmu?.Flush(new VirtualRange(new VirtualAddress(start), new VirtualAddress(end)));

    /// <summary>INV-15: call it under the lock of the table, after entries of the range have lost no more than the permission to write.</summary>
    internal void RevokeWriteInMmu(ulong start, ulong end) =>
        Mmu?.RevokeWrite(new VirtualRange(new VirtualAddress(start), new VirtualAddress(end)));

    /// <summary>Whether a page is in the only frame that the MMU can map at an address.</summary>
    internal bool IsHome(ulong address, PageFrame* page) => Mmu != null && Mmu.FrameOf(new VirtualAddress(address)) == page->Pfn;

    /// <summary>Brings a page that this address space alone maps nearer to being its alone in every respect. The caller holds a reference.</summary>
    internal void AwaitSoleUse(PageFrame* page)
    {
        if (!page->IsLarge || !FolioSplitter.TryLockAndSplit(Engine, page, isQuiet: true))
        {
            global::System.Threading.Thread.Yield();
            return;
        }

        // Others would have a copy now, which is a small page.
        page->Clear(FrameFlags.Former);
    }

    // A huge folio of which this part was unmapped keeps the frame until it is split. That is nobody's business: pages that are mapped stay where they
    // are, so devices need not hear of it.
    private void ReleaseFromFolio(Pfn place)
    {
        PageFrame* page = Engine.Frames.Record(place);
        PageFrame* head = !page->IsLarge ? null : Folios.Head(page);
        if (head == null || page->MapCount > 0 || head->EntireMapCount > 0 || !Folios.TryGet(head))
        {
            return;
        }

        bool split = FolioSplitter.TryLockAndSplit(Engine, page, isQuiet: true);
        Engine.Folios.Put(split ? page : head);
    }

    private bool HasPage(ulong address)
    {
        Pte entry = ReadEntry(new VirtualAddress(address));
        return entry.IsPresent && !entry.IsSpecial;
    }

    // All 512 pages need homes one after the other. Those that have just left them are waited for as little as memory is on other machines.
    private PageFrame* TryTakeHugePlace(ulong address)
    {
        Pfn place = Mmu!.FrameOf(new VirtualAddress(address));
        bool isWhole = !place.IsNone && (place.Value & (PageConstants.HugePages - 1)) == 0;
        for (int i = PageConstants.HugePages - 1; i > 0 && isWhole; i--)
        {
            isWhole = Mmu.FrameOf(new VirtualAddress(address).AddPages(i)) == place.Add(i);
        }

        if (!isWhole)
        {
            return null;
        }

        PageFrame* head = Engine.Allocator.TryTakeHugeAt(place);
        if (head == null)
        {
            Engine.Allocator.Recycle();
            head = Engine.Allocator.TryTakeHugeAt(place);
        }

        return MarkFresh(head);
    }

    // There is no copy of it anywhere, whether it is ever written or not: what a device still keeps of this place is of a page that was given up.
    private static PageFrame* MarkFresh(PageFrame* page)
    {
        if (page != null)
        {
            page->Set(FrameFlags.Dirty);
        }

        return page;
    }

    private bool TryFill<TFill>(ulong address, bool isWrite, ref TFill fill)
        where TFill : ICpuFill, allows ref struct
    {
        PmdSlot pmd = PageTable.Find(address);
        if (pmd.Read().IsHuge)
        {
            pmd.Enter();
            bool done = TryFillOne(pmd.Word, address, isWrite, ref fill);
            pmd.Exit();
            return done;
        }

        if (!PageTable.TryLockLeaf(pmd, address, out LeafSlot leaf))
        {
            return false;
        }

        bool filled = TryFillOne(leaf.Word, address, isWrite, ref fill);
        leaf.Exit();
        return filled;
    }

    private static bool TryFillOne<TFill>(ulong* word, ulong address, bool isWrite, ref TFill fill)
        where TFill : ICpuFill, allows ref struct
    {
        Pte entry = Pte.Read(word);
        if (!entry.IsPresentAndAccessible || (isWrite && !entry.IsWritable))
        {
            return false;
        }

        entry = entry.WithYoung(true).WithDirty(entry.IsDirty || isWrite);
        Pte.Write(word, entry);
        bool writable = entry.IsWritable && entry.IsDirty;
        int count = entry.IsHuge || entry.IsSpecial ? 1 : FollowersOf(word, entry, address, fill.PagesMax);
        fill.Fill(new VirtualAddress(address), count, writable, entry.IsSpecial);
        return true;
    }

    // Pages that were brought in along with the touched one: present, and nobody has touched them.
    private static int FollowersOf(ulong* word, Pte first, ulong address, int pagesMax)
    {
        int inTable = PageConstants.EntriesPerTable - (int)((address >> PageConstants.PageShift) & (PageConstants.EntriesPerTable - 1));
        int count = 1;
        for (; count < Math.Min(pagesMax, inTable); count++)
        {
            Pte entry = Pte.Read(word + count);
            bool follows = entry.IsPresentAndAccessible && !entry.IsSpecial && !entry.IsYoung
                && (entry.IsWritable && entry.IsDirty) == (first.IsWritable && first.IsDirty);
            if (!follows)
            {
                break;
            }

            Pte.Write(word + count, entry.WithYoung(true));
        }

        return count;
    }

    private CpuSignal Resolve(ulong page, bool isWrite)
    {
        Vma? vma = Vmas.Find(page);
        // The hardware cannot tell write-only from read-write, so a reader needs any permission.
        if (vma == null || (isWrite ? !vma.Is(VmaFlags.Write) : !vma.IsAccessible))
        {
            return CpuSignal.Segv;
        }

        VmFaultResult result = PageFaults.Handle(vma, page, isWrite ? FaultFlags.Write : FaultFlags.None);
        return (result & VmFaultResult.Error) == 0 ? CpuSignal.None
            : (result & VmFaultResult.SigSegv) != 0 ? CpuSignal.Segv : CpuSignal.Bus;
    }
}
