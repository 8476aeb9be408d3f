using System.Collections.Generic;
using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.Diagnostics;

/// <summary>Counts what page tables, page caches and the swap cache hold. What the records say is then compared with it.</summary>
/// <remarks>Nobody may use the engine meanwhile. Finds also what breaks the rules by itself: entries outside of mappings, or under way.</remarks>
internal sealed unsafe class MemoryCensus
{
    private readonly Dictionary<uint, FrameUse> _frames = [];
    private readonly Dictionary<uint, int> _slots = [];
    private readonly Dictionary<RmapRoot, int> _anonPages = [];
    private readonly ICollection<InvariantViolation> _violations;

    public MemoryCensus(MemorySystem system, IReadOnlyList<AddressSpace> spaces, ICollection<InvariantViolation> violations)
    {
        System = system;
        _violations = violations;
        foreach (AddressSpace space in spaces)
        {
            if (!space.IsDead)
            {
                CountSpace(space);
            }
        }

        Roots = system.Roots.ToList();
        foreach (RmapRoot root in Roots)
        {
            if (root is FileObject file)
            {
                Nodes += PageTableVisitor.Visit(file.Cache, (_, word) => CountCached(word));
            }
        }

        CountSwapCache();
    }

    public MemorySystem System { get; }

    /// <summary>All families and files.</summary>
    public List<RmapRoot> Roots { get; }

    /// <summary>The living address spaces, recounted.</summary>
    public List<SpaceCount> Spaces { get; } = [];

    /// <summary>Nodes of all page tables and page caches.</summary>
    public int Nodes { get; private set; }

    /// <summary>Who uses a frame.</summary>
    public FrameUse Use(PageFrame* page) => _frames.GetValueOrDefault(page->SelfPfn);

    /// <summary>How many entries and page-cache words name a swap slot.</summary>
    public int SlotNames(uint slot) => _slots.GetValueOrDefault(slot);

    /// <summary>Marks a frame as one whose record refers to an anonymous family.</summary>
    public void CountFamily(RmapRoot root) => CollectionsMarshal.GetValueRefOrAddDefault(_anonPages, root, out _)++;

    /// <summary>How many frames' records refer to a family; complete after all frames were looked at.</summary>
    public int FamilyPages(RmapRoot root) => _anonPages.GetValueOrDefault(root);

    public void Report(string invariant, string message) => _violations.Add(new InvariantViolation(invariant, message));

    private ref FrameUse At(PageFrame* page) => ref CollectionsMarshal.GetValueRefOrAddDefault(_frames, page->SelfPfn, out _);

    private void CountSpace(AddressSpace space)
    {
        SpaceCount count = new() { Space = space };
        Nodes += PageTableVisitor.Visit(space.PageTable, (address, entry) => CountEntry(space, ref count, address, entry));
        Spaces.Add(count);
    }

    private void CountEntry(AddressSpace space, ref SpaceCount count, ulong address, Pte entry)
    {
        Vma? vma = space.Vmas.Find(address);
        ulong size = entry.IsHuge ? PageConstants.PmdSize : PageConstants.PageSize;
        if (vma == null || address + size > vma.EndValue)
        {
            Report("INV-11", $"an entry outside of any mapping at 0x{address:x}: {entry}");
            return;
        }

        if (entry.IsPresent && entry.IsSpecial)
        {
            bool isZero = entry.Pfn == System.ZeroPage || System.IsHugeZero(entry.Pfn);
            if (!isZero || entry.IsWritable)
            {
                Report("INV-04", $"a special entry that is not the read-only zero page at 0x{address:x}: {entry}");
            }

            return;
        }

        if (entry.Kind == PteKind.Swap)
        {
            count.Swap++;
            CollectionsMarshal.GetValueRefOrAddDefault(_slots, entry.SwapSlot, out _)++;
            return;
        }

        if (entry.IsMigration)
        {
            Report("INV-06", $"a migration entry although nobody migrates, at 0x{address:x}: {entry}");
        }

        if (entry.Kind is PteKind.HwPoison or PteKind.Marker || !System.Frames.Exists(entry.Pfn))
        {
            CheckOther(address, entry);
            return;
        }

        CountFrame(ref count, entry);
        RmapChecker.CheckEntry(this, vma, address, entry);
    }

    private void CheckOther(ulong address, Pte entry)
    {
        // A poison entry holds no reference and is not counted: the failed frame is nobody's, and kept from everybody by its own reference.
        bool isPoison = entry.Kind == PteKind.HwPoison && System.Frames.Exists(entry.Pfn)
            && System.Frames.Record(entry.Pfn)->Has(FrameFlags.HwPoison);
        if (!isPoison)
        {
            Report("INV-11", $"an entry that names no frame of its kind at 0x{address:x}: {entry}");
        }
    }

    private void CountFrame(ref SpaceCount count, Pte entry)
    {
        PageFrame* page = System.Frames.Record(entry.Pfn);
        int pages = entry.IsHuge ? PageConstants.HugePages : 1;
        if (Folios.IsAnon(page))
        {
            count.Anon += pages;
        }
        else
        {
            count.File += pages;
        }

        if (entry.IsMigration)
        {
            return;
        }

        bool writable = entry.IsPresent ? entry.IsWritable : entry.Kind is PteKind.DeviceWrite or PteKind.DeviceExclusiveWrite;
        ref FrameUse use = ref At(page);
        use.Writables += writable ? 1 : 0;
        if (entry.IsHuge)
        {
            use.HugeMaps++;
        }
        else if (entry.IsDeviceExclusive)
        {
            use.Exclusives++;
        }
        else
        {
            use.SmallMaps++;
        }

        ref FrameUse folio = ref At(Folios.Head(page));
        folio.References++;
        folio.FolioSmallMaps += entry.IsHuge || entry.IsDeviceExclusive ? 0 : 1;
    }

    private void CountCached(Pte word)
    {
        if (word.IsPresent)
        {
            ref FrameUse use = ref At(System.Frames.Record(word.Pfn));
            use.References++;
            use.FileCaches++;
        }
        else if (word.Kind == PteKind.Swap)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_slots, word.SwapSlot, out _)++;
        }
    }

    private void CountSwapCache()
    {
        HashSet<uint> free = SwapChecker.FreeSlots(System.Swap);
        for (uint slot = 1; slot < System.Swap.SlotsEnd; slot++)
        {
            uint pfn = free.Contains(slot) ? 0 : System.Swap.CachedPfn(slot);
            if (pfn != 0)
            {
                ref FrameUse use = ref At(System.Frames.Record(new Pfn(pfn)));
                use.References++;
                use.SwapCaches++;
            }
        }
    }
}
