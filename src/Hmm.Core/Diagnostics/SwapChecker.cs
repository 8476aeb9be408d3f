using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Swapping;

namespace Hmm.Core.Diagnostics;

/// <summary>INV-07: a slot's count is the number of entries that name it; slot and cached page name each other; a free slot has neither.</summary>
internal static unsafe class SwapChecker
{
    public static void Check(MemoryCensus census)
    {
        MemorySystem system = census.System;
        SwapArea swap = system.Swap;
        HashSet<uint> free = FreeSlots(swap);
        long inUse = 0;
        for (uint slot = 1; slot < swap.SlotsEnd; slot++)
        {
            int names = census.SlotNames(slot);
            if (free.Contains(slot))
            {
                if (names != 0 || swap.Count(slot) != 0)
                {
                    census.Report("INV-07", $"swap slot {slot} is free, has the count {swap.Count(slot)} and is named {names} times");
                }

                continue;
            }

            inUse++;
            uint pfn = swap.CachedPfn(slot);
            if (swap.Count(slot) != names)
            {
                census.Report("INV-07", $"swap slot {slot} has the count {swap.Count(slot)} and is named {names} times");
            }

            if (pfn == 0 && names == 0)
            {
                census.Report("INV-07", $"swap slot {slot} is in use, and nothing names or caches it");
            }

            PageFrame* page = pfn == 0 ? null : system.Frames.Record(new Pfn(pfn));
            if (page != null && names == 0 && page->RefCount <= 1)
            {
                census.Report("INV-07", $"swap slot {slot} caches frame {pfn:x} ({page->Flags}), which nobody names or uses any more");
            }

            if (page != null && (!page->Has(FrameFlags.SwapCache) || page->Private != slot))
            {
                census.Report("INV-07", $"swap slot {slot} caches frame {pfn:x}, which does not know it");
            }
        }

        if (inUse != swap.InUse)
        {
            census.Report("INV-07", $"{inUse} swap slots are in use and {swap.InUse} are counted");
        }
    }

    public static HashSet<uint> FreeSlots(SwapArea swap)
    {
        HashSet<uint> free = [];
        for (uint slot = swap.FirstFree; slot != 0 && free.Add(slot); slot = swap.NextFree(slot))
        {
        }

        return free;
    }
}
