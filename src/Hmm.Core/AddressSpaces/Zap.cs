using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;

namespace Hmm.Core.AddressSpaces;

/// <summary>Takes entries out of page tables for good: unmapping, dropping, punching holes.</summary>
/// <remarks>The caller has announced the range. Holds the address-space lock or, for holes in files, the file's gate.</remarks>
internal static unsafe class Zap
{
    /// <param name="vma">The mapping.</param>
    /// <param name="start">First address.</param>
    /// <param name="end">End, exclusive.</param>
    /// <param name="evenCopies">Whether private copies go too; a hole punched into a file leaves them.</param>
    public static void Range(Vma vma, ulong start, ulong end, bool evenCopies)
    {
        AddressSpace space = vma.Space;
        PageTableCursor cursor = new(space.PageTable, start, end);
        while (cursor.MoveNext())
        {
            if (cursor.Pmd.Read().IsHuge && !HugeEntry(vma, cursor.Pmd, cursor.Start, cursor.End))
            {
                continue;
            }

            ulong address = cursor.Start;
            if (!PageTable.TryLockLeaf(cursor.Pmd, address, out LeafSlot leaf))
            {
                continue;
            }

            for (ulong* word = leaf.Word; address < cursor.End; address += PageConstants.PageSize, word++)
            {
                if (!Pte.Read(word).IsNone)
                {
                    Entry(space, word, evenCopies);
                }
            }

            space.FlushMmu(cursor.Start, cursor.End);
            leaf.Exit();
        }
    }

    /// <summary>An entry does not name its swap slot any more; its cached page goes too if nobody maps it.</summary>
    public static void FreeSwapAndCache(MemorySystem engine, uint slot)
    {
        PageFrame* cached = engine.Swap.ReleaseAndFind(slot);
        if (cached != null)
        {
            engine.Folios.ReleaseSwapCacheIfUnused(cached);
            engine.Folios.Put(cached);
        }
    }

    /// <returns>True if the entry was split and its small entries are still to do.</returns>
    private static bool HugeEntry(Vma vma, PmdSlot pmd, ulong start, ulong end)
    {
        if (end - start != PageConstants.PmdSize)
        {
            HugePages.SplitEntry(vma, pmd, start);
            return true;
        }

        AddressSpace space = vma.Space;
        pmd.Enter();
        Pte entry = pmd.Read();
        if (!entry.IsHuge)
        {
            pmd.Exit();
            return true;
        }

        Pte.Exchange(pmd.Word, Pte.Empty);
        if (!entry.IsSpecial)
        {
            PageFrame* head = space.Engine.Frames.Record(entry.Pfn);
            space.CountPage(head, -PageConstants.HugePages);
            Folios.RemoveRmapHuge(head);
            space.Engine.Folios.Put(head);
        }

        space.FlushMmu(start, end);
        pmd.Exit();
        return false;
    }

    private static void Entry(AddressSpace space, ulong* word, bool evenCopies)
    {
        MemorySystem engine = space.Engine;
        Pte entry = Pte.Read(word);
        if (entry.IsPresent && entry.IsSpecial)
        {
            Pte.Write(word, Pte.Empty);
            return;
        }

        if (entry.Kind == PteKind.Swap)
        {
            if (evenCopies)
            {
                Pte.Write(word, Pte.Empty);
                space.CountSwap(-1);
                FreeSwapAndCache(engine, entry.SwapSlot);
            }

            return;
        }

        if (!entry.IsPresent && entry.Kind is PteKind.HwPoison or PteKind.Marker)
        {
            if (evenCopies)
            {
                Pte.Write(word, Pte.Empty);
            }

            return;
        }

        PageFrame* page = engine.Frames.Record(entry.Pfn);
        if (!evenCopies && Folios.IsAnon(page))
        {
            return;
        }

        entry = Pte.Exchange(word, Pte.Empty);
        space.CountPage(page, -1);
        if (entry.IsPresent)
        {
            // An anonymous page that loses one of its entries keeps no note of it: the others know for themselves.
            if (entry.IsDirty && !Folios.IsAnon(page))
            {
                Folios.Head(page)->Set(FrameFlags.Dirty);
            }

            engine.Folios.Unmap(page);
        }
        else if (entry.IsDevicePrivate)
        {
            Folios.RemoveRmap(page);
            engine.Folios.Put(page);
        }
        else if (entry.IsDeviceExclusive)
        {
            engine.Folios.Put(Folios.Head(page));
        }
    }
}
