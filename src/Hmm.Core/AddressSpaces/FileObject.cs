using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Locking;
using Hmm.Core.PageTables;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.AddressSpaces;

/// <summary>A file in memory (tmpfs), the object behind shared anonymous memory, or a device that inserts its own pages.</summary>
/// <remarks>Its page cache is a radix tree of the same nodes as a page table: a present word names a page, a swap word a slot, a marker says that
/// the page was punched out and holds zeros. Mappings hold the object; with the last one its pages are freed. Locking: a word changes
/// under its node's lock.</remarks>
internal sealed unsafe class FileObject : RmapRoot
{
    private readonly MemorySystem _system;
    private readonly PageTable _cache;
    private readonly IFileContent? _content;
    private int _mappings;

    public FileObject(MemorySystem system, ulong pages, IFileContent? content, bool isDevice)
    {
        _system = system;
        _cache = new PageTable(system.Tables);
        _content = content;
        PageCount = pages;
        IsDevice = isDevice;
        system.Roots.Register(this);
    }

    /// <summary>One more mapping.</summary>
    public void GetMapping() => global::System.Threading.Interlocked.Increment(ref _mappings);

    /// <summary>One mapping less; true if it was the last one.</summary>
    public bool PutMapping() => global::System.Threading.Interlocked.Decrement(ref _mappings) == 0;

    /// <summary>How many mappings hold the object, for checks.</summary>
    public int Mappings => global::System.Threading.Volatile.Read(ref _mappings);

    /// <summary>The page cache, for checks.</summary>
    public PageTable Cache => _cache;

    public override ReaderWriterGate Gate { get; } = new(LockRank.FileGate);

    /// <summary>Size in pages.</summary>
    public ulong PageCount { get; }

    /// <summary>Whether a driver inserts the pages and no fault can.</summary>
    public bool IsDevice { get; }

    /// <summary>Finds a page of the file without making one: cached, or of the content the file was made with. Takes a reference.</summary>
    public PageFrame* FindPage(ulong index)
    {
        if (index >= PageCount || IsDevice)
        {
            return null;
        }

        PageFrame* page = FindCached(_cache.Find(Address(index)), Address(index), out bool isKnown);
        return isKnown || _content == null ? page : GetPage(index);
    }

    /// <summary>Finds or makes a page of the file, bringing it in from swap if need be; null if memory is out. Takes a reference.</summary>
    /// <param name="index">Which page.</param>
    /// <param name="space">Who will map it: where its MMU, if it has one, can map one frame only, the page gets that.</param>
    /// <param name="at">Where it will be mapped.</param>
    public PageFrame* GetPage(ulong index, AddressSpace? space = null, ulong at = 0)
    {
        ulong address = Address(index);
        PmdSlot pmd = _cache.Ensure(address);
        _cache.EnsureLeaf(pmd);
        PageFrame* fresh = null;
        Pte madeFrom = default;
        while (true)
        {
            PageTable.TryLockLeaf(pmd, address, out LeafSlot leaf);
            Pte word = leaf.Read();
            if (!word.IsPresent && (fresh == null || word.Value != madeFrom.Value))
            {
                // While a page is made of a slot the slot is held, so that it cannot become another page's and be named here again.
                HoldSlot(word);
                leaf.Exit();
                Discard(fresh, madeFrom);
                madeFrom = word;
                fresh = Make(index, word, space, at);
                if (fresh == null)
                {
                    ReleaseSlot(word);
                    madeFrom = default;
                    if (IsCached(pmd, address))
                    {
                        // Somebody else has made the page meanwhile, of the only frame that it can have.
                        continue;
                    }

                    return null;
                }

                continue;
            }

            PageFrame* page = word.IsPresent ? _system.Frames.Record(word.Pfn) : fresh;
            Folios.Get(page);
            if (page == fresh)
            {
                leaf.Write(Pte.Make(fresh->Pfn, protNone: false));
                ReleaseSlot(word);
                leaf.Exit();
                ReleaseSlot(madeFrom);
            }
            else
            {
                leaf.Exit();
                Discard(fresh, madeFrom);
            }

            return page;
        }
    }

    private static bool IsCached(PmdSlot pmd, ulong address)
    {
        bool isLocked = PageTable.TryLockLeaf(pmd, address, out LeafSlot leaf);
        bool isCached = isLocked && leaf.Read().IsPresent;
        if (isLocked)
        {
            leaf.Exit();
        }

        return isCached;
    }

    /// <summary>Swaps a locked, unmapped page of the file out; false if there is no room.</summary>
    public bool TrySwapOut(PageFrame* page)
    {
        if (!_system.Swap.TryAdd(page))
        {
            return false;
        }

        uint slot = (uint)page->Private;
        bool done = _system.Machine.SwapOut(slot, _system.Frames.Data(page));
        if (done)
        {
            ulong address = Address(page->Index);
            PageTable.TryLockLeaf(_cache.Find(address), address, out LeafSlot leaf);
            leaf.Write(Pte.MakeSwap(slot, exclusive: false));
            _system.Swap.Duplicate(slot);
            leaf.Exit();
            page->MappingId = 0;
            _system.Folios.Put(page);
        }

        _system.Swap.TryRemove(page, evenIfNamed: true);
        _system.Folios.Put(page);
        return done;
    }

    /// <summary>Forgets a locked, unmapped page that holds only what a new one would.</summary>
    public void Drop(PageFrame* page)
    {
        ulong address = Address(page->Index);
        if (PageTable.TryLockLeaf(_cache.Find(address), address, out LeafSlot leaf))
        {
            Pte word = leaf.Exchange(Pte.Empty);
            leaf.Exit();
            Drop(word);
        }
    }

    /// <summary>Takes pages out of the file, leaving zeros. The mappings were zapped by the caller; who mapped a page again meanwhile loses it.</summary>
    public void Punch(ulong first, ulong end)
    {
        for (ulong index = first; index < end && index < PageCount; index++)
        {
            ulong address = Address(index);
            PmdSlot pmd = _content == null ? _cache.Find(address) : _cache.Ensure(address);
            if (_content != null)
            {
                _cache.EnsureLeaf(pmd);
            }
            else if (pmd.Read().IsNone)
            {
                // Nothing of these 2 MiB was ever touched, and a page without content is zeros anyway.
                index |= PageConstants.HugePages - 1;
                continue;
            }

            while (!TryPunchPage(pmd, address))
            {
                // While this waited for the page's lock, the page went to swap and came back as another one.
            }
        }
    }

    private bool TryPunchPage(PmdSlot pmd, ulong address)
    {
        PageFrame* page = FindCached(pmd, address, out _);
        if (page != null)
        {
            FolioLock.Enter(page);
            if (Folios.IsMapped(page))
            {
                ReverseMap.TryToUnmap(_system, page);
            }
        }

        bool isDone = true;
        if (PageTable.TryLockLeaf(pmd, address, out LeafSlot leaf))
        {
            // Only the page that was unmapped here may go.
            Pte word = leaf.Read();
            isDone = page == null ? !word.IsPresent : word.IsPresent && word.Pfn == page->Pfn;
            if (isDone)
            {
                leaf.Write(_content == null ? Pte.Empty : Pte.MakeKind(PteKind.Marker, Pfn.None));
            }

            leaf.Exit();
            Drop(isDone ? word : Pte.Empty);
        }

        if (page != null)
        {
            FolioLock.Exit(page);
            _system.Folios.Put(page);
        }

        return isDone;
    }

    /// <summary>How many pages of the mapping's part are in swap and not mapped.</summary>
    public ulong CountSwapped(Vma vma)
    {
        ulong count = 0;
        ulong end = System.Math.Min(vma.IndexOf(vma.EndValue), PageCount);
        PageTableCursor cursor = new(_cache, Address(vma.PageOffset), Address(end));
        while (cursor.MoveNext())
        {
            for (ulong at = cursor.Start; at < cursor.End && !cursor.IsHole; at += PageConstants.PageSize)
            {
                count += Pte.Read(PageTable.FindLeafWord(cursor.Pmd.Read(), at)).Kind == PteKind.Swap ? 1UL : 0;
            }
        }

        return count;
    }

    /// <summary>Frees everything; nobody maps the object any more.</summary>
    public void Free()
    {
        ulong end = Address(PageCount);
        PageTableCursor cursor = new(_cache, 0, end);
        while (cursor.MoveNext())
        {
            for (ulong at = cursor.Start; at < cursor.End && !cursor.IsHole; at += PageConstants.PageSize)
            {
                Drop(Pte.Read(PageTable.FindLeafWord(cursor.Pmd.Read(), at)));
            }
        }

        _cache.Free(0, end, 0, 1UL << 63);
        _cache.FreeRoot();
        _system.Roots.Put(this);
    }

    // Known: the cache says what is there, a page or that it is elsewhere. Takes a reference.
    private PageFrame* FindCached(PmdSlot pmd, ulong address, out bool isKnown)
    {
        isKnown = false;
        PageFrame* page = null;
        if (PageTable.TryLockLeaf(pmd, address, out LeafSlot leaf))
        {
            Pte word = leaf.Read();
            isKnown = !word.IsNone;
            if (word.IsPresent)
            {
                page = _system.Frames.Record(word.Pfn);
                Folios.Get(page);
            }

            leaf.Exit();
        }

        return page;
    }

    private static ulong Address(ulong index) => index << PageConstants.PageShift;

    private PageFrame* Make(ulong index, Pte word, AddressSpace? space, ulong at)
    {
        PageFrame* page = space == null ? _system.Allocator.TryTake(zero: true) : space.TryTakeFrame(at, zero: true);
        if (page == null)
        {
            return null;
        }

        bool isFilled = false;
        try
        {
            isFilled = TryFill(page, index, word);
        }
        finally
        {
            // Also if who knows the content threw.
            if (!isFilled)
            {
                _system.Folios.Put(page);
            }
        }

        if (!isFilled)
        {
            return null;
        }

        page->MappingId = Id;
        page->Index = index;
        page->Set(FrameFlags.SwapBacked | FrameFlags.Lru);
        return page;
    }

    private bool TryFill(PageFrame* page, ulong index, Pte word)
    {
        byte* data = _system.Frames.Data(page);
        if (word.Kind == PteKind.Swap)
        {
            if (!_system.Machine.SwapIn(word.SwapSlot, data))
            {
                return false;
            }

            page->Set(FrameFlags.Dirty);
        }
        else if (word.IsNone && _content != null)
        {
            _content.Fill(index, new System.Span<byte>(data, PageConstants.PageSize));
            // It was written to the file, so it has no other copy.
            page->Set(FrameFlags.Dirty);
        }

        return true;
    }

    private void HoldSlot(Pte word)
    {
        if (word.Kind == PteKind.Swap)
        {
            _system.Swap.Duplicate(word.SwapSlot);
        }
    }

    private void ReleaseSlot(Pte word)
    {
        if (word.Kind == PteKind.Swap)
        {
            _system.Swap.Release(word.SwapSlot);
        }
    }

    private void Discard(PageFrame* page, Pte madeFrom)
    {
        if (page != null)
        {
            ReleaseSlot(madeFrom);
            page->MappingId = 0;
            _system.Folios.Put(page);
        }
    }

    private void Drop(Pte word)
    {
        if (word.IsPresent)
        {
            PageFrame* page = _system.Frames.Record(word.Pfn);
            page->MappingId = 0;
            _system.Folios.Put(page);
        }
        else if (word.Kind == PteKind.Swap)
        {
            _system.Swap.Release(word.SwapSlot);
        }
    }
}
