using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.Faults;

/// <summary>Faults on entries that hold something other than a page the CPU reaches: swap, migration, device memory, poison.</summary>
internal static unsafe class SwapFaults
{
    public static VmFaultResult NotPresent(ref FaultContext fault)
    {
        PteKind kind = fault.Entry.Kind;
        switch (kind)
        {
            case PteKind.Swap:
                return SwapIn(ref fault);
            case PteKind.MigrationRead or PteKind.MigrationReadExclusive or PteKind.MigrationWrite:
                WaitForMigration(fault.Space, fault.Pmd, fault.Address, fault.Entry);
                return VmFaultResult.None;
            case PteKind.DeviceRead or PteKind.DeviceWrite:
                return MigrateToRam(ref fault);
            case PteKind.DeviceExclusiveRead or PteKind.DeviceExclusiveWrite:
                return RevokeExclusive(ref fault);
            case PteKind.HwPoison:
                return VmFaultResult.HwPoison;
            default:
                return VmFaultResult.SigBus;
        }
    }

    /// <summary>Puts the present entry of an exclusively held page back; the caller holds the leaf lock and the folio's lock.</summary>
    public static void Restore(Vma vma, ulong* word, Pte entry)
    {
        PageFrame* page = vma.Space.Engine.Frames.Record(entry.Pfn);
        Pte present = Pte.Make(entry.Pfn, vma.IsProtNone).WithWrite(vma.IsSharedWritable);
        if (entry.Kind == PteKind.DeviceExclusiveWrite)
        {
            present = present.WithDirty(true).WithWrite(vma.Is(VmaFlags.Write));
        }

        // The reference is there already; the exclusive entry kept it.
        Folios.AddRmap(page);
        Pte.Write(word, present);
    }

    /// <summary>Waits until the migration that the entry belongs to has ended.</summary>
    public static void WaitForMigration(AddressSpace space, PmdSlot pmd, ulong address, Pte entry)
    {
        if (!PageTable.TryLockLeaf(pmd, address, out LeafSlot leaf))
        {
            return;
        }

        // The migration's own reference and lock keep the page while its entry is there.
        if (leaf.Read().Value == entry.Value)
        {
            FolioLock.WaitWithoutReference(Folios.Head(space.Engine.Frames.Record(entry.Pfn)), leaf);
        }
        else
        {
            leaf.Exit();
        }
    }

    private static VmFaultResult MigrateToRam(ref FaultContext fault)
    {
        PageFrame* page = fault.Engine.Frames.Record(fault.Entry.Pfn);
        if (!fault.TryLockUnchanged(out LeafSlot leaf))
        {
            return VmFaultResult.None;
        }

        if (page->Has(FrameFlags.Locked))
        {
            // Somebody else brings it home, or moves it elsewhere. A second reference would make that fail, and then ours by theirs, for ever.
            FolioLock.WaitWithoutReference(page, leaf);
            return VmFaultResult.None;
        }

        Folios.Get(page);
        leaf.Exit();
        DeviceFault request = new(fault.Vma, new VirtualAddress(fault.Address), page->Pfn);
        try
        {
            return fault.Engine.Pagemaps[page->PagemapId].Ops.MigrateToRam(request);
        }
        finally
        {
            fault.Engine.Folios.Put(page);
        }
    }

    private static VmFaultResult RevokeExclusive(ref FaultContext fault)
    {
        if (!fault.TryLockUnchanged(out LeafSlot seen))
        {
            return VmFaultResult.None;
        }

        // The entry's own reference keeps the folio until this one is taken; without the table's lock it could be another folio by now.
        PageFrame* head = Folios.Head(fault.Engine.Frames.Record(fault.Entry.Pfn));
        Folios.Get(head);
        seen.Exit();
        FolioLock.Enter(head);
        MmuNotifierRange notice = fault.Space.NotifyStart(
            fault.Address, fault.Address + PageConstants.PageSize, MmuNotifierEvent.Exclusive);
        if (fault.TryLockUnchanged(out LeafSlot leaf))
        {
            Restore(fault.Vma, leaf.Word, fault.Entry);
            leaf.Exit();
        }

        FolioLock.Exit(head);
        fault.Engine.Folios.Put(head);
        fault.Space.NotifyEnd(notice);
        return VmFaultResult.None;
    }

    private static VmFaultResult SwapIn(ref FaultContext fault)
    {
        MemorySystem engine = fault.Engine;
        uint slot = fault.Entry.SwapSlot;
        PageFrame* page = engine.Swap.FindCached(slot);
        bool isFresh = false;
        if (page != null)
        {
            FolioLock.Enter(page);
        }
        else
        {
            page = ReadIn(ref fault, slot, out VmFaultResult failure);
            if (page == null)
            {
                return failure;
            }

            // Somebody else may have been faster to read it, and may map it already.
            isFresh = !page->Has(FrameFlags.Anon);
        }

        VmFaultResult result = VmFaultResult.None;
        if (page->Has(FrameFlags.SwapCache) && page->Private == slot)
        {
            result = page->Has(FrameFlags.HwPoison) ? VmFaultResult.HwPoison : MapSwapped(ref fault, page, slot, isFresh);
        }

        FolioLock.Exit(page);
        engine.Folios.Put(page);
        return result;
    }

    /// <returns>The page, locked and with a reference; or null, and why.</returns>
    private static PageFrame* ReadIn(ref FaultContext fault, uint slot, out VmFaultResult failure)
    {
        MemorySystem engine = fault.Engine;
        failure = VmFaultResult.OutOfMemory;
        PageFrame* fresh = fault.Space.TryTakeFrame(fault.Address, zero: false);
        if (fresh == null)
        {
            return null;
        }

        fresh->Set(FrameFlags.SwapBacked | FrameFlags.Lru);
        FolioLock.TryEnter(fresh);
        failure = VmFaultResult.None;
        if (!fault.TryLockUnchanged(out LeafSlot leaf))
        {
            Discard(engine, fresh);
            return null;
        }

        // While an entry names the slot it cannot be freed, and from here on the cache holds it: what is read now is the page's data.
        PageFrame* there = engine.Swap.AddToCache(slot, fresh);
        leaf.Exit();
        if (there != null)
        {
            Discard(engine, fresh);
            FolioLock.Enter(there);
            return there;
        }

        if (engine.Machine.SwapIn(slot, engine.Frames.Data(fresh)))
        {
            return fresh;
        }

        if (engine.Swap.TryRemove(fresh, evenIfNamed: true))
        {
            engine.Folios.Put(fresh);
        }

        Discard(engine, fresh);
        failure = VmFaultResult.SigBus;
        return null;
    }

    private static void Discard(MemorySystem engine, PageFrame* page)
    {
        FolioLock.Exit(page);
        engine.Folios.Put(page);
    }

    private static VmFaultResult MapSwapped(ref FaultContext fault, PageFrame* page, uint slot, bool isFresh)
    {
        MemorySystem engine = fault.Engine;
        Vma vma = fault.Vma;
        fault.Space.PrepareAnonVma(vma);
        if (!fault.TryLockUnchanged(out LeafSlot leaf))
        {
            return VmFaultResult.None;
        }

        // What is read from fast swap for its only user never shows in the cache on Linux: the page is that user's own, whatever the entry says.
        bool isOnlyUser = isFresh && engine.Swap.Count(slot) == 1;
        bool exclusive = fault.Entry.IsSwapExclusive || isOnlyUser;
        engine.Swap.Release(slot);
        bool isLast = fault.IsWrite && Folios.RefCount(page) == 2;
        if (isLast || isOnlyUser || vma.Is(VmaFlags.Locked))
        {
            engine.Folios.TryFreeSwap(page);
        }

        fault.Space.CountAnon(1);
        fault.Space.CountSwap(-1);
        Pte entry = fault.Make(page->Pfn);
        if (exclusive || Folios.RefCount(page) == 1)
        {
            page->Set(FrameFlags.AnonExclusive);
            if (vma.Is(VmaFlags.Write))
            {
                entry = entry.WithWrite(true).WithDirty(fault.IsWrite);
            }
        }
        else
        {
            page->Clear(FrameFlags.AnonExclusive);
        }

        if (!page->Has(FrameFlags.Anon))
        {
            // A page that others may share must be found through the oldest ancestor, where all of them are listed.
            AnonVma family = page->Has(FrameFlags.AnonExclusive) ? vma.AnonVma! : vma.AnonVma!.Root;
            engine.Folios.SetAnon(page, family, vma.IndexOf(fault.Address));
        }

        Folios.Get(page);
        Folios.AddRmap(page);
        leaf.Write(entry);
        leaf.Exit();
        // A write that still needs a copy comes again: the entry is present and not writable by then.
        return VmFaultResult.None;
    }
}
