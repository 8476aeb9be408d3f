using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.ReverseMapping;
using Hmm.Core.Swapping;

namespace Hmm.Core.Frames;

/// <summary>References, mappings and ownership of pages: the rules that keep the counts right.</summary>
/// <remarks>
/// INV-03: every entry of a page table that maps a page holds one reference on its folio, and one count in MapCount (small entry) or
/// EntireMapCount (huge entry); device-private entries count like present ones, device-exclusive and migration entries hold their
/// reference differently (see those). INV-04: an anonymous page is writable in an entry only if it is marked AnonExclusive.
/// Thread-safe: counters are interlocked.
/// </remarks>
internal sealed unsafe class Folios
{
    private readonly FrameAllocator _allocator;
    private readonly SwapArea _swap;
    private readonly RmapRoots _roots;
    private readonly DevicePagemaps _pagemaps;

    public Folios(FrameAllocator allocator, SwapArea swap, RmapRoots roots, DevicePagemaps pagemaps)
    {
        _allocator = allocator;
        _swap = swap;
        _roots = roots;
        _pagemaps = pagemaps;
    }

    public static PageFrame* Head(PageFrame* page) => PageFrame.HeadOf(page);

    public static void Get(PageFrame* head) => Interlocked.Increment(ref head->RefCount);

    /// <summary>Takes a reference unless the folio is free.</summary>
    public static bool TryGet(PageFrame* head)
    {
        int count = Volatile.Read(ref head->RefCount);
        while (count > 0)
        {
            int seen = Interlocked.CompareExchange(ref head->RefCount, count + 1, count);
            if (seen == count)
            {
                return true;
            }

            count = seen;
        }

        return false;
    }

    /// <summary>Drops a reference and frees the folio with the last one.</summary>
    public void Put(PageFrame* head)
    {
        if (head->IsReserved)
        {
            return;
        }

        int left = Interlocked.Decrement(ref head->RefCount);
        if (left == 0)
        {
            Free(head);
        }
        else if (left == 1 && head->Has(FrameFlags.SwapCache))
        {
            PutLastUser(head);
        }
    }

    public static int RefCount(PageFrame* head) => Volatile.Read(ref head->RefCount);

    /// <summary>How many entries map the folio, a huge one counted once.</summary>
    public static int MapCount(PageFrame* head) =>
        head->IsLarge ? Volatile.Read(ref head->LargeMapCount) : Volatile.Read(ref head->MapCount);

    public static bool IsMapped(PageFrame* head) => MapCount(head) > 0;

    /// <summary>Whether an entry maps this page, itself or as part of a huge one.</summary>
    public static bool IsPageMapped(PageFrame* page) =>
        Volatile.Read(ref page->MapCount) > 0 || Volatile.Read(ref Head(page)->EntireMapCount) > 0;

    /// <summary>Linux's guess, without looking at each page, whether several processes map the folio.</summary>
    public static bool IsLikelyMappedShared(PageFrame* head)
    {
        int count = MapCount(head);
        if (!head->IsLarge || count <= 1)
        {
            return count > 1;
        }

        return head->EntireMapCount > 0 || count > PageConstants.HugePages || head->MapCount > 1;
    }

    public static bool IsPinned(PageFrame* head) => Volatile.Read(ref head->PinCount) > 0;

    public static bool IsAnon(PageFrame* page) => Head(page)->Has(FrameFlags.Anon);

    /// <summary>A fresh page becomes the anonymous page of an address, its process's own.</summary>
    public void AddNewAnon(PageFrame* page, Vma vma, ulong address)
    {
        SetAnon(page, vma.AnonVma!, vma.IndexOf(address));
        page->Set(FrameFlags.SwapBacked | FrameFlags.Lru | FrameFlags.AnonExclusive);
        page->MapCount = 1;
    }

    /// <summary>A fresh huge folio becomes the anonymous memory of 2 MiB.</summary>
    public void AddNewAnonHuge(PageFrame* head, Vma vma, ulong address)
    {
        SetAnon(head, vma.AnonVma!, vma.IndexOf(address));
        head->Set(FrameFlags.SwapBacked | FrameFlags.Lru | FrameFlags.AnonExclusive);
        head->EntireMapCount = 1;
        head->LargeMapCount = 1;
    }

    /// <summary>One more small entry maps the page.</summary>
    public static void AddRmap(PageFrame* page)
    {
        Interlocked.Increment(ref page->MapCount);
        if (page->IsLarge)
        {
            Interlocked.Increment(ref Head(page)->LargeMapCount);
        }
    }

    /// <summary>One small entry less maps the page.</summary>
    public static void RemoveRmap(PageFrame* page)
    {
        if (page->IsLarge)
        {
            Interlocked.Decrement(ref Head(page)->LargeMapCount);
        }

        Interlocked.Decrement(ref page->MapCount);
    }

    public static void AddRmapHuge(PageFrame* head)
    {
        Interlocked.Increment(ref head->EntireMapCount);
        Interlocked.Increment(ref head->LargeMapCount);
    }

    public static void RemoveRmapHuge(PageFrame* head)
    {
        Interlocked.Decrement(ref head->LargeMapCount);
        Interlocked.Decrement(ref head->EntireMapCount);
    }

    /// <summary>Takes a page that an entry mapped out of the count, and out of the swap cache if nobody needs it there.</summary>
    public void Unmap(PageFrame* page)
    {
        PageFrame* head = Head(page);
        RemoveRmap(page);
        ReleaseSwapCacheIfUnused(head);
        Put(head);
    }

    /// <summary>Drops a cached swap page that no entry maps any more, if its slot is not named elsewhere.</summary>
    public void ReleaseSwapCacheIfUnused(PageFrame* head)
    {
        if (head->Has(FrameFlags.SwapCache) && !IsMapped(head) && FolioLock.TryEnter(head))
        {
            TryFreeSwap(head);
            FolioLock.Exit(head);
        }
    }

    /// <summary>Takes a locked folio out of the swap cache if no entry names its slot; true if it is out now.</summary>
    public bool TryFreeSwap(PageFrame* head)
    {
        if (!head->Has(FrameFlags.SwapCache) || !_swap.TryRemove(head, evenIfNamed: false))
        {
            return !head->Has(FrameFlags.SwapCache);
        }

        // Its only copy of the data is in memory again.
        head->Set(FrameFlags.Dirty);
        Put(head);
        return true;
    }

    /// <summary>The page becomes anonymous memory of a family.</summary>
    public void SetAnon(PageFrame* head, AnonVma family, ulong index)
    {
        family.Get();
        head->MappingId = family.Id;
        head->Index = index;
        head->Set(FrameFlags.Anon);
    }

    /// <summary>The page changes its owner in the family: its last user took it over for good.</summary>
    public void MoveAnon(PageFrame* head, Vma vma)
    {
        if (head->MappingId != vma.AnonVma!.Id)
        {
            RmapRoot before = _roots[head->MappingId];
            vma.AnonVma.Get();
            head->MappingId = vma.AnonVma.Id;
            _roots.Put(before);
        }
    }

    /// <summary>Who may map the folio.</summary>
    public RmapRoot? RootOf(PageFrame* head) => head->MappingId == 0 ? null : _roots[head->MappingId];

    /// <summary>Gives identity and flags of a page to its successor, which takes over the owner's reference on the family.</summary>
    /// <remarks>The old page stays marked anonymous: its migration entries are there until the end of the migration, and whoever unmaps or copies one
    /// must count it as what it was.</remarks>
    public static void MoveIdentity(PageFrame* from, PageFrame* to)
    {
        to->MappingId = from->MappingId;
        to->Index = from->Index;
        to->Set(from->Flags & (FrameFlags.Anon | FrameFlags.SwapBacked | FrameFlags.Dirty));
        from->MappingId = 0;
    }

    // Only the swap cache may be left, and nobody would come to take the page out. The page may be gone or another one by now, hence the new
    // reference. Whoever holds one meanwhile sees the cache's alone in turn, unless it went before us: then we look again.
    private void PutLastUser(PageFrame* head)
    {
        int left = 1;
        while (left == 1 && _swap.IsUnneeded(head) && TryGet(head))
        {
            ReleaseSwapCacheIfUnused(head);
            left = Interlocked.Decrement(ref head->RefCount);
            if (left == 0)
            {
                Free(head);
            }
        }
    }

    private void Free(PageFrame* head)
    {
        if (head->MappingId != 0)
        {
            RmapRoot root = _roots[head->MappingId];
            head->MappingId = 0;
            if (head->Has(FrameFlags.Anon))
            {
                _roots.Put(root);
            }
        }

        if (head->IsDevice)
        {
            head->Clear(FrameFlags.Anon | FrameFlags.AnonExclusive | FrameFlags.SwapBacked | FrameFlags.Dirty);
            _pagemaps[head->PagemapId].Freed(head);
        }
        else if (head->IsLarge)
        {
            _allocator.ReturnHuge(head);
        }
        else
        {
            _allocator.Return(head);
        }
    }
}
