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

            for (ulong address = cursor.Start; address < cursor.End; address += PageConstants.PageSize)
            {
                FreeSmall(space, cursor, address);
            }
        }

        space.NotifyEnd(notice);
        return HmmStatus.Success;
    }

    private static void FreeSmall(AddressSpace space, PageTableCursor cursor, ulong address)
    {
        if (!PageTable.TryLockLeaf(cursor.Pmd, address, out LeafSlot leaf))
        {
            return;
        }

        Pte entry = leaf.Read();
        PageFrame* page = entry.IsPresent && !entry.IsSpecial ? space.Engine.Frames.Record(entry.Pfn) : null;
        bool isPartOfHuge = page != null && page->IsLarge && !Folios.IsLikelyMappedShared(Folios.Head(page))
            && cursor.End - cursor.Start != PageConstants.PmdSize;
        if (!isPartOfHuge)
        {
            FreeEntry(space, leaf, entry);
            leaf.Exit();
            return;
        }

        // A huge folio of which only a part is given up is split; then its page is looked at again.
        PageFrame* head = Folios.Head(page);
        Folios.Get(head);
        leaf.Exit();
        bool split = FolioSplitter.TryLockAndSplit(space.Engine, page);
        space.Engine.Folios.Put(split ? page : head);
        if (split)
        {
            FreeSmall(space, cursor, address);
        }
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
        if (page == null || page->IsLarge || !Folios.IsAnon(page) || Folios.MapCount(page) != 1 || !FolioLock.TryEnter(page))
        {
            return;
        }

        if (space.Engine.Folios.TryFreeSwap(page))
        {
            page->Clear(FrameFlags.Dirty | FrameFlags.SwapBacked);
            entry = leaf.Exchange(Pte.Empty);
            leaf.Write(entry.WithDirty(false).WithYoung(false));
        }

        FolioLock.Exit(page);
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
