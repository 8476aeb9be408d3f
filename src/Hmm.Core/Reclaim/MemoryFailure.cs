using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.Reclaim;

/// <summary>Failure of a frame's memory, as MADV_HWPOISON pretends it (the kernel's memory_failure).</summary>
internal static unsafe class MemoryFailure
{
    /// <summary>Poisons the pages of a range one by one, faulting each in first.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="start">First address.</param>
    /// <param name="end">End, exclusive.</param>
    /// <param name="raisedBus">Whether a page had data that only it held: the caller gets SIGBUS.</param>
    /// <returns>Success; Fault or NoMemory (a page could not be had); Busy (a page that is nobody's ordinary memory).</returns>
    public static HmmStatus Inject(AddressSpace space, ulong start, ulong end, out bool raisedBus)
    {
        raisedBus = false;
        for (ulong address = start; address < end;)
        {
            HmmStatus status = TakePage(space, address, out PageFrame* page);
            if (status == HmmStatus.Success)
            {
                // Linux goes on behind the folio as it was when it was found: of a huge page one small one fails.
                address += page->IsLarge ? PageConstants.PmdSize : PageConstants.PageSize;
                status = Poison(space, page, out bool bus);
                raisedBus |= bus;
            }

            if (status != HmmStatus.Success)
            {
                return status;
            }
        }

        return HmmStatus.Success;
    }

    private static HmmStatus TakePage(AddressSpace space, ulong address, out PageFrame* page)
    {
        space.MmapLock.EnterRead();
        try
        {
            return UserPages.Get(space, address, GetPageFlags.None, out page);
        }
        finally
        {
            space.MmapLock.ExitRead();
        }
    }

    // The page's reference is consumed: a page with bad memory keeps it for good, so that nobody gets the frame again.
    private static HmmStatus Poison(AddressSpace space, PageFrame* page, out bool raisedBus)
    {
        MemorySystem engine = space.Engine;
        raisedBus = false;
        bool failedBefore = page->TestAndSet(FrameFlags.HwPoison);
        if (Folios.Head(page)->IsReserved)
        {
            // The zero page is the kernel's own and stays in use, marked for as long as the machine runs: the first attempt is refused, and
            // from then on whoever tries is told by SIGBUS, in every process.
            engine.ZeroPageFailureInjected = true;
            raisedBus = failedBefore && !page->IsLarge;
            return failedBefore || page->IsLarge ? HmmStatus.Poisoned : HmmStatus.Busy;
        }

        if (failedBefore)
        {
            raisedBus = Folios.IsPageMapped(page);
            engine.Folios.Put(Folios.Head(page));
            return HmmStatus.Poisoned;
        }

        if (page->IsLarge && !TrySplit(engine, page))
        {
            raisedBus = true;
            page->Clear(FrameFlags.HwPoison);
            engine.Folios.Put(Folios.Head(page));
            return HmmStatus.Busy;
        }

        FolioLock.Enter(page);
        HmmStatus status = HmmStatus.Busy;
        if (page->Has(FrameFlags.Lru))
        {
            status = UnmapAndJudge(engine, page, out raisedBus);
        }

        FolioLock.Exit(page);
        return status;
    }

    private static bool TrySplit(MemorySystem engine, PageFrame* page)
    {
        PageFrame* head = Folios.Head(page);
        FolioLock.Enter(head);
        return FolioSplitter.LockedSplit(engine, head, page) || !page->IsLarge;
    }

    private static HmmStatus UnmapAndJudge(MemorySystem engine, PageFrame* page, out bool raisedBus)
    {
        bool wasMapped = Folios.IsMapped(page);
        if (wasMapped && page->Has(FrameFlags.SwapCache))
        {
            // The slot keeps naming the page in the cache; whoever swaps it in is told.
            ReverseMap.TryToUnmap(engine, page);
        }
        else if (wasMapped)
        {
            ReverseMap.UnmapPoisoned(engine, page);
        }

        raisedBus = wasMapped && page->Has(FrameFlags.Dirty);
        if (Folios.IsMapped(page))
        {
            return HmmStatus.Busy;
        }

        page->Clear(FrameFlags.Lru);
        // Beside our own, references of the file's or the swap cache are expected, others mean that somebody still uses it.
        int expected = 1 + (page->Has(FrameFlags.SwapCache) || !page->Has(FrameFlags.Anon) ? 1 : 0);
        return Folios.RefCount(page) <= expected || page->Has(FrameFlags.Anon) ? HmmStatus.Success : HmmStatus.Busy;
    }
}
