using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;

namespace Hmm.Core.AddressSpaces;

// What /proc shows.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Counts the pages of the mapping that holds an address.</summary>
    /// <param name="address">An address.</param>
    /// <param name="entry">The counts.</param>
    /// <returns>False if no mapping holds the address.</returns>
    /// <remarks>Walks the whole mapping; untouched parts cost nothing. Source: /proc/PID/smaps.</remarks>
    public bool TryGetSmaps(VirtualAddress address, out SmapsEntry entry)
    {
        entry = default;
        EnterRead();
        try
        {
            Vma? vma = _isDead ? null : Vmas.Find(address.Value);
            if (vma != null)
            {
                entry = CountMapping(vma);
            }

            return vma != null;
        }
        finally
        {
            LeaveRead();
        }
    }

    /// <summary>A page's state.</summary>
    /// <param name="page">First address of the page.</param>
    /// <returns>The state; all false where nothing is mapped.</returns>
    /// <remarks>Source: /proc/PID/pagemap.</remarks>
    public PagemapEntry GetPagemap(VirtualAddress page)
    {
        EnterRead();
        try
        {
            Vma? vma = _isDead ? null : Vmas.Find(page.Value);
            return vma == null ? default : Describe(page.Value);
        }
        finally
        {
            LeaveRead();
        }
    }

    private SmapsEntry CountMapping(Vma vma)
    {
        ulong resident = 0;
        ulong anonymous = 0;
        ulong swap = 0;
        ulong huge = 0;
        PageTableCursor cursor = new(PageTable, vma.StartValue, vma.EndValue);
        while (cursor.MoveNext())
        {
            Pte pmd = cursor.Pmd.Read();
            if (pmd.IsHuge)
            {
                if (!pmd.IsSpecial)
                {
                    resident += PageConstants.HugePages;
                    anonymous += PageConstants.HugePages;
                    huge += PageConstants.HugePages;
                }

                continue;
            }

            for (ulong address = cursor.Start; pmd.IsTable && address < cursor.End; address += PageConstants.PageSize)
            {
                Pte entry = Pte.Read(PageTable.FindLeafWord(pmd, address));
                if (entry.Kind == PteKind.Swap)
                {
                    swap++;
                }
                else if (entry.Kind == PteKind.Present || entry.HasFrameInSwapEntry)
                {
                    resident++;
                    anonymous += Folios.IsAnon(Engine.Frames.Record(entry.Pfn)) ? 1UL : 0;
                }
            }
        }

        swap += CountSwappedFile(vma);
        const int shift = PageConstants.PageShift;
        return new SmapsEntry(resident << shift, anonymous << shift, swap << shift, huge << shift);
    }

    // Shared memory keeps its swapped pages in the object, where entries do not show them.
    private static ulong CountSwappedFile(Vma vma) =>
        vma.File is { IsDevice: false } file ? file.CountSwapped(vma) : 0;

    private PagemapEntry Describe(ulong address)
    {
        Pte pmd = PageTable.Find(address).Read();
        if (pmd.IsHuge)
        {
            PageFrame* head = Engine.Frames.Record(pmd.Pfn);
            PageFrame* part = head + ((address & (PageConstants.PmdSize - 1)) >> PageConstants.PageShift);
            // The huge zero page belongs to nobody, which pagemap shows as a file's page.
            return new PagemapEntry(true, false, pmd.IsSpecial, !pmd.IsSpecial && part->MapCount + head->EntireMapCount == 1);
        }

        Pte entry = pmd.IsTable ? Pte.Read(PageTable.FindLeafWord(pmd, address)) : Pte.Empty;
        if (entry.IsNone)
        {
            return default;
        }

        PageFrame* page = entry.Kind == PteKind.Present || entry.HasFrameInSwapEntry ? Engine.Frames.Record(entry.Pfn) : null;
        bool isFile = page != null && !Folios.IsAnon(page);
        bool exclusive = page != null && entry.IsPresent && page->MapCount + Folios.Head(page)->EntireMapCount == 1;
        return new PagemapEntry(entry.IsPresent, !entry.IsPresent, isFile, exclusive);
    }
}
