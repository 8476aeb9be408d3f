using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.Reclaim;

/// <summary>MADV_FREE: pages keep their data until the system wants them or somebody writes. Told to everybody at once.</summary>
internal static unsafe class LazyFree
{
    public static HmmStatus Range(Vma vma, ulong start, ulong end)
    {
        AddressSpace space = vma.Space;
        MmuNotifierRange notice = space.NotifyStart(start, end, MmuNotifierEvent.Clear);
        PageTableCursor cursor = new(space.PageTable, start, end);
        while (cursor.MoveNext())
        {
            if (cursor.Pmd.Read().IsHuge && FreeHuge(space, cursor))
            {
                continue;
            }

            for (ulong address = cursor.Start; address < cursor.End;)
            {
                address += (ulong)FreeSmall(space, cursor, address) << PageConstants.PageShift;
            }
        }

        // Nobody fills the MMU meanwhile: the caller holds the address-space lock for writing.
        space.FlushMmu(start, end);
        space.NotifyEnd(notice);
        return HmmStatus.Success;
    }

    /// <returns>How many pages are done.</returns>
    private static int FreeSmall(AddressSpace space, PageTableCursor cursor, ulong address)
    {
        if (!PageTable.TryLockLeaf(cursor.Pmd, address, out LeafSlot leaf))
        {
            return 1;
        }

        Pte entry = leaf.Read();
        PageFrame* page = entry.IsPresent && !entry.IsSpecial ? space.Engine.Frames.Record(entry.Pfn) : null;
        int batch = page != null && page->IsLarge ? FolioBatch.Count(leaf, page, address, cursor.End) : 1;
        if (page == null || !page->IsLarge)
        {
            FreeEntry(space, leaf, entry);
            leaf.Exit();
            return 1;
        }

        PageFrame* head = Folios.Head(page);
        if (batch == PageConstants.HugePages)
        {
            FreeWhole(leaf, head);
            leaf.Exit();
            return batch;
        }

        if (Folios.IsLikelyMappedShared(head))
        {
            leaf.Exit();
            return 1;
        }

        // A huge folio of which only a part is given up is split; then its page is looked at again.
        Folios.Get(head);
        leaf.Exit();
        bool split = FolioSplitter.TryLockAndSplit(space.Engine, page);
        space.Engine.Folios.Put(split ? page : head);
        return split ? FreeSmall(space, cursor, address) : 1;
    }

    // All of a huge folio in small entries: given up as one.
    private static void FreeWhole(LeafSlot leaf, PageFrame* head)
    {
        if (head->Has(FrameFlags.Dirty))
        {
            if (!FolioLock.TryEnter(head))
            {
                return;
            }

            bool own = Folios.MapCount(head) == PageConstants.HugePages;
            if (own)
            {
                head->Clear(FrameFlags.Dirty);
            }

            FolioLock.Exit(head);
            if (!own)
            {
                return;
            }
        }

        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            ulong* word = leaf.Word + i;
            Pte.Write(word, Pte.Exchange(word, Pte.Empty).WithDirty(false).WithYoung(false));
        }

        head->Clear(FrameFlags.SwapBacked);
    }

    private static void FreeEntry(AddressSpace space, LeafSlot leaf, Pte entry)
    {
        if (!entry.IsPresent)
        {
            if (entry.Kind == PteKind.Swap)
            {
                leaf.Write(Pte.Empty);
                space.CountSwap(-1);
                Zap.FreeSwapAndCache(space.Engine, entry.SwapSlot);
            }
            else if (entry.Kind == PteKind.HwPoison)
            {
                leaf.Write(Pte.Empty);
            }

            return;
        }

        PageFrame* page = entry.IsSpecial ? null : space.Engine.Frames.Record(entry.Pfn);
        if (page == null || !Folios.IsAnon(page))
        {
            return;
        }

        // A page that others map too is given up here only if it carries no mark of its own: a write shows in the writer's entry first.
        if (page->Has(FrameFlags.Dirty | FrameFlags.SwapCache) && !TryClean(space.Engine, page))
        {
            return;
        }

        page->Clear(FrameFlags.SwapBacked);
        leaf.Write(leaf.Exchange(Pte.Empty).WithDirty(false).WithYoung(false));
    }

    private static bool TryClean(MemorySystem engine, PageFrame* page)
    {
        if (!FolioLock.TryEnter(page))
        {
            return false;
        }

        bool cleaned = Folios.MapCount(page) == 1 && engine.Folios.TryFreeSwap(page);
        if (cleaned)
        {
            page->Clear(FrameFlags.Dirty);
        }

        FolioLock.Exit(page);
        return cleaned;
    }

    /// <returns>True if nothing is left to do in the piece.</returns>
    private static bool FreeHuge(AddressSpace space, PageTableCursor cursor)
    {
        cursor.Pmd.Enter();
        Pte entry = cursor.Pmd.Read();
        PageFrame* head = entry.IsHuge && !entry.IsSpecial ? space.Engine.Frames.Record(entry.Pfn) : null;
        if (head == null || Folios.IsLikelyMappedShared(head) || !FolioLock.TryEnter(head))
        {
            cursor.Pmd.Exit();
            return entry.IsHuge;
        }

        bool isWhole = cursor.End - cursor.Start == PageConstants.PmdSize;
        if (isWhole)
        {
            head->Clear(FrameFlags.Dirty | FrameFlags.SwapBacked);
            Pte.Write(cursor.Pmd.Word, Pte.Exchange(cursor.Pmd.Word, Pte.Empty).WithDirty(false).WithYoung(false));
        }

        Folios.Get(head);
        cursor.Pmd.Exit();
        if (!isWhole)
        {
            FolioSplitter.TrySplit(space.Engine, head);
        }

        FolioLock.Exit(head);
        space.Engine.Folios.Put(head);
        return isWhole;
    }
}
