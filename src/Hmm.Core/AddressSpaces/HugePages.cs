using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Core.AddressSpaces;

/// <summary>Huge entries: when they may be, and splitting them into small ones.</summary>
internal static unsafe class HugePages
{
    public static ulong AlignDown(ulong address) => address & ~(PageConstants.PmdSize - 1);

    /// <summary>Whether the mapping holds the whole 2 MiB around an address.</summary>
    public static bool Fits(Vma vma, ulong address)
    {
        ulong low = AlignDown(address);
        return low >= vma.StartValue && low + PageConstants.PmdSize <= vma.EndValue;
    }

    /// <summary>Whether a fault may map a huge page here: anonymous memory that was advised so.</summary>
    public static bool MayFault(Vma vma, ulong address) =>
        vma.IsAnonymous && vma.Is(VmaFlags.HugePage) && !vma.Is(VmaFlags.NoHugePage | VmaFlags.Special) && Fits(vma, address);

    /// <summary>Splits the huge entry at an address, if there is one, into small entries of the same folio.</summary>
    public static void SplitEntryAt(Vma vma, ulong address)
    {
        PmdSlot pmd = vma.Space.PageTable.Find(address);
        if (pmd.Read().IsHuge)
        {
            SplitEntry(vma, pmd, address);
        }
    }

    /// <summary>Splits a huge entry. Sends CLEAR over its 2 MiB, also if somebody split it meanwhile.</summary>
    /// <remarks>The folio stays one; its small entries keep permission and ownership. Source: __split_huge_pmd.</remarks>
    public static void SplitEntry(Vma vma, PmdSlot pmd, ulong address)
    {
        AddressSpace space = vma.Space;
        ulong low = AlignDown(address);
        MmuNotifierRange notice = space.NotifyStart(low, low + PageConstants.PmdSize, MmuNotifierEvent.Clear);
        PageTableNode* node = space.PageTable.TakeNode();
        pmd.Enter();
        Pte entry = pmd.Read();
        if (entry.IsHuge)
        {
            if (entry.IsSpecial)
            {
                FillZero(space, node, entry);
            }
            else
            {
                entry = Pte.Exchange(pmd.Word, Pte.Empty);
                FillFrom(space, node, entry);
            }

            Pte.Write(pmd.Word, Pte.MakeTable((nuint)node));
            node = null;
        }

        pmd.Exit();
        if (node != null)
        {
            space.PageTable.ReturnNode(node);
        }

        space.NotifyEnd(notice);
    }

    private static void FillZero(AddressSpace space, PageTableNode* node, Pte entry)
    {
        Pte zero = Pte.Make(space.Engine.ZeroPage, entry.IsProtNone).WithSpecial().WithYoung(entry.IsYoung);
        for (int i = 0; i < PageConstants.EntriesPerTable; i++)
        {
            Pte.Write(PageTableNode.Slot(node, i), zero);
        }
    }

    private static void FillFrom(AddressSpace space, PageTableNode* node, Pte entry)
    {
        PageFrame* head = space.Engine.Frames.Record(entry.Pfn);
        bool exclusive = head->Has(FrameFlags.AnonExclusive);
        if (entry.IsDirty)
        {
            head->Set(FrameFlags.Dirty);
        }

        // One reference was the huge entry's; the small ones need one each.
        global::System.Threading.Interlocked.Add(ref head->RefCount, PageConstants.HugePages - 1);
        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            PageFrame* page = head + i;
            if (exclusive)
            {
                page->Set(FrameFlags.AnonExclusive);
            }

            Folios.AddRmap(page);
            Pte small = Pte.Make(page->Pfn, entry.IsProtNone).WithWrite(entry.IsWritable).WithDirty(entry.IsDirty).WithYoung(entry.IsYoung);
            Pte.Write(PageTableNode.Slot(node, i), small);
        }

        Folios.RemoveRmapHuge(head);
    }
}
