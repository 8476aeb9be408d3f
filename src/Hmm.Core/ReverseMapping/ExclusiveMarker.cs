using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Core.ReverseMapping;

/// <summary>Replaces every entry of a locked folio by a device-exclusive entry.</summary>
internal static unsafe class ExclusiveMarker
{
    /// <returns>True if the page was writable at the address and no entry maps it any more.</returns>
    public static bool TryMark(AddressSpace space, PageFrame* head, ulong address, object? owner)
    {
        MemorySystem engine = space.Engine;
        if (!head->Has(FrameFlags.Anon) || engine.Folios.RootOf(head) is not { } root)
        {
            return false;
        }

        bool wasWritable = false;
        root.Gate.EnterRead();
        bool goesOn = MarkFolio(space, root, head, address, owner, ref wasWritable);
        bool isMapped = Folios.IsMapped(head);
        for (int i = 1; i < PageConstants.HugePages && head->Has(FrameFlags.FormerHead); i++)
        {
            PageFrame* part = head + i;
            if (part->Has(FrameFlags.FormerTail))
            {
                goesOn = goesOn && TryMarkPart(space, root, part, owner);
                isMapped |= Folios.IsMapped(part);
            }
        }

        root.Gate.ExitRead();
        return wasWritable && !isMapped;
    }

    private static bool MarkFolio(AddressSpace space, RmapRoot root, PageFrame* head, ulong address, object? owner, ref bool wasWritable)
    {
        for (int i = 0; i < root.Vmas.Count && Folios.IsMapped(head); i++)
        {
            Vma vma = root.Vmas[i];
            if (!RmapWindow.TryGet(vma, head, out RmapWindow window))
            {
                continue;
            }

            MmuNotifierRange notice = vma.Space.NotifyStart(window.Start, window.End, MmuNotifierEvent.Exclusive, owner);
            bool goesOn = MarkWindow(vma, head, window, vma.Space == space ? address : 0, ref wasWritable);
            vma.Space.NotifyEnd(notice);
            if (!goesOn)
            {
                return false;
            }
        }

        return true;
    }

    /// <returns>False if the page is exclusive already: the walk ends then, as in a huge folio.</returns>
    private static bool TryMarkPart(AddressSpace space, RmapRoot root, PageFrame* part, object? owner)
    {
        if (!Folios.IsMapped(part))
        {
            return false;
        }

        // Whoever has it locked is about to do something to it: it stays mapped, and the request is refused.
        if (FolioLock.TryEnter(part))
        {
            bool ignored = false;
            MarkFolio(space, root, part, 0, owner, ref ignored);
            FolioLock.Exit(part);
        }

        return true;
    }

    private static bool MarkWindow(Vma vma, PageFrame* head, RmapWindow window, ulong wanted, ref bool wasWritable)
    {
        MemorySystem engine = vma.Space.Engine;
        ulong pages = head->IsLarge ? PageConstants.HugePages : 1UL;
        for (ulong address = window.Start; address < window.End; address += PageConstants.PageSize)
        {
            if (!PageTable.TryLockLeaf(vma.Space.PageTable.Find(address), address, out LeafSlot leaf))
            {
                continue;
            }

            Pte entry = leaf.Read();
            bool names = (entry.IsPresent && !entry.IsSpecial) || entry.IsDeviceExclusive;
            if (!names || entry.Pfn.Value - head->SelfPfn >= pages)
            {
                leaf.Exit();
                continue;
            }

            if (!entry.IsPresent)
            {
                // Part of a huge page that is exclusive already: the walk ends, as in Linux.
                leaf.Exit();
                return false;
            }

            entry = leaf.Exchange(Pte.Empty);
            if (entry.IsDirty)
            {
                head->Set(FrameFlags.Dirty);
            }

            wasWritable |= address == wanted && entry.IsWritable;
            leaf.Write(Pte.MakeKind(entry.IsWritable ? PteKind.DeviceExclusiveWrite : PteKind.DeviceExclusiveRead, entry.Pfn));
            // The entry keeps its reference and does not count as a mapping.
            Folios.RemoveRmap(engine.Frames.Record(entry.Pfn));
            vma.Space.FlushMmu(address, address + PageConstants.PageSize);
            leaf.Exit();
        }

        return true;
    }
}
