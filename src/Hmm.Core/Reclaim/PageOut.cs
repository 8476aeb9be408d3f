using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.Reclaim;

/// <summary>MADV_COLD and MADV_PAGEOUT: pages that only this process maps are aged, or written to swap and unmapped.</summary>
internal static unsafe class PageOut
{
    /// <param name="vma">The mapping.</param>
    /// <param name="start">First address.</param>
    /// <param name="end">End, exclusive.</param>
    /// <param name="reclaim">Whether to write out; otherwise pages only lose their accessed bit.</param>
    public static void Range(Vma vma, ulong start, ulong end, bool reclaim)
    {
        PageTableCursor cursor = new(vma.Space.PageTable, start, end);
        while (cursor.MoveNext())
        {
            if (cursor.Pmd.Read().IsHuge && !Huge(vma, cursor, reclaim))
            {
                continue;
            }

            for (ulong address = cursor.Start; address < cursor.End; address += PageConstants.PageSize)
            {
                if (cursor.Pmd.Read().IsTable)
                {
                    Small(vma, cursor, address, reclaim);
                }
            }
        }
    }

    /// <returns>True if the entry is small pages now.</returns>
    private static bool Huge(Vma vma, PageTableCursor cursor, bool reclaim)
    {
        MemorySystem engine = vma.Space.Engine;
        cursor.Pmd.Enter();
        Pte entry = cursor.Pmd.Read();
        PageFrame* head = entry.IsHuge && !entry.IsSpecial ? engine.Frames.Record(entry.Pfn) : null;
        bool isWhole = cursor.End - cursor.Start == PageConstants.PmdSize;
        if (head == null || Folios.IsLikelyMappedShared(head))
        {
            cursor.Pmd.Exit();
            return !entry.IsHuge;
        }

        if (isWhole && !reclaim)
        {
            Pte.Write(cursor.Pmd.Word, Pte.Exchange(cursor.Pmd.Word, Pte.Empty).WithYoung(false));
            vma.Space.FlushMmu(cursor.Start, cursor.End);
            cursor.Pmd.Exit();
            return false;
        }

        Folios.Get(head);
        cursor.Pmd.Exit();
        bool split = FolioSplitter.TryLockAndSplit(engine, head);
        engine.Folios.Put(head);
        return split;
    }

    private static void Small(Vma vma, PageTableCursor cursor, ulong address, bool reclaim)
    {
        MemorySystem engine = vma.Space.Engine;
        if (!PageTable.TryLockLeaf(cursor.Pmd, address, out LeafSlot leaf))
        {
            return;
        }

        Pte entry = leaf.Read();
        PageFrame* page = entry.IsPresent && !entry.IsSpecial ? engine.Frames.Record(entry.Pfn) : null;
        if (page == null)
        {
            leaf.Exit();
            return;
        }

        PageFrame* head = Folios.Head(page);
        if (head->IsLarge)
        {
            // A whole folio in one stretch is only aged where that is asked; a part, or what is to be written out, is split first.
            bool isAged = !reclaim && IsWholeStretch(leaf, page, address, cursor);
            bool shared = isAged || Folios.IsLikelyMappedShared(head);
            Folios.Get(head);
            leaf.Exit();
            // A huge folio that small entries map is split first; then the page is looked at again.
            bool split = !shared && FolioSplitter.TryLockAndSplit(engine, page);
            engine.Folios.Put(split ? page : head);
            if (split)
            {
                Small(vma, cursor, address, reclaim);
            }

            return;
        }

        FolioSplitter.Forget(head);
        if (!head->Has(FrameFlags.Lru) || Folios.MapCount(head) != 1)
        {
            leaf.Exit();
            return;
        }

        leaf.Write(leaf.Exchange(Pte.Empty).WithYoung(false));
        vma.Space.FlushMmu(address, address + PageConstants.PageSize);
        Folios.Get(head);
        leaf.Exit();
        if (reclaim && FolioLock.TryEnter(head))
        {
            Reclaim(engine, head);
            FolioLock.Exit(head);
        }

        engine.Folios.Put(head);
    }

    private static bool IsWholeStretch(LeafSlot leaf, PageFrame* page, ulong address, PageTableCursor cursor)
    {
        ulong before = (ulong)page->HeadDistance << PageConstants.PageShift;
        return address - before >= cursor.Start && address - before <= address
            && FolioBatch.Count(leaf.Back(page->HeadDistance), Folios.Head(page), address - before, cursor.End) == PageConstants.HugePages;
    }

    // The folio is locked and the caller holds a reference.
    private static void Reclaim(MemorySystem engine, PageFrame* head)
    {
        if (!head->Has(FrameFlags.Anon))
        {
            ReclaimFilePage(engine, head);
            return;
        }

        if (!head->Has(FrameFlags.SwapBacked))
        {
            ReverseMap.TryToUnmap(engine, head);
            return;
        }

        if (!head->Has(FrameFlags.SwapCache) && (Folios.IsPinned(head) || !engine.Swap.TryAdd(head)))
        {
            return;
        }

        uint slot = (uint)head->Private;
        // Written before it is unmapped from everywhere only in name: the data is read again under the swap cache until it is written.
        ReverseMap.TryToUnmap(engine, head);
        bool written = !Folios.IsMapped(head) && Folios.RefCount(head) == 2 && engine.Machine.SwapOut(slot, engine.Frames.Data(head));
        if (written && engine.Swap.TryRemove(head, evenIfNamed: true))
        {
            engine.Folios.Put(head);
        }
        else
        {
            // Nobody's slot, or still in use: stays in the cache while an entry names the slot.
            engine.Folios.TryFreeSwap(head);
        }
    }

    private static void ReclaimFilePage(MemorySystem engine, PageFrame* head)
    {
        if (engine.Folios.RootOf(head) is not FileObject file || file.IsDevice)
        {
            return;
        }

        ReverseMap.TryToUnmap(engine, head);
        // One reference is the file's, one the caller's.
        if (Folios.IsMapped(head) || Folios.RefCount(head) != 2)
        {
            return;
        }

        if (head->Has(FrameFlags.Dirty))
        {
            file.TrySwapOut(head);
        }
        else
        {
            file.Drop(head);
        }
    }
}
