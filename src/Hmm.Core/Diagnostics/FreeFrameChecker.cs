using System.Collections;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Frames;

namespace Hmm.Core.Diagnostics;

/// <summary>
/// INV-01: a frame is free or in use, never both and never neither; a free one has no reference and no mapping; the lists and the counters
/// agree. Hands each frame in use to <see cref="FrameChecker"/>.
/// </summary>
internal static unsafe class FreeFrameChecker
{
    public static void Check(MemoryCensus census)
    {
        MemorySystem system = census.System;
        BitArray free = new((int)system.Frames.FrameCount);
        Collect(census, system.Allocator.FirstFreeSingle, 1, free);
        Collect(census, system.Allocator.FirstFreeBlock, PageConstants.HugePages, free);
        for (int id = 1; id < system.Pagemaps.End; id++)
        {
            Collect(census, system.Pagemaps[id].FirstFree, 1, free);
        }

        CollectPlaces(system, free);
        ulong systemInUse = 0;
        Dictionary<int, long> deviceInUse = [];
        for (int block = PageConstants.HugePages; block < free.Length; block += PageConstants.HugePages)
        {
            PageFrame* first = system.Frames.Record(new Pfn((ulong)block));
            int inUse = CheckBlock(census, first, block, free);
            int pagemap = system.Frames.PagemapOf(new Pfn((ulong)block));
            if (pagemap != 0)
            {
                deviceInUse[pagemap] = deviceInUse.GetValueOrDefault(pagemap) + inUse;
            }
            else
            {
                systemInUse += (ulong)inUse;
            }
        }

        CountFirstDeviceBlock(census, free);
        if (systemInUse != system.Allocator.InUse)
        {
            census.Report("INV-01", $"{systemInUse} system frames are in use and {system.Allocator.InUse} are counted");
        }

        for (int id = 1; id < system.Pagemaps.End; id++)
        {
            DevicePagemap pagemap = system.Pagemaps[id];
            if (deviceInUse.GetValueOrDefault(id) != pagemap.PagesInUse)
            {
                census.Report("INV-01", $"{deviceInUse.GetValueOrDefault(id)} device frames are in use and {pagemap.PagesInUse} are counted");
            }
        }
    }

    // In no list: their own mark, or none at all, says that they are free.
    private static void CollectPlaces(MemorySystem system, BitArray free)
    {
        for (int pfn = 0; pfn < free.Length; pfn++)
        {
            Pfn place = new((ulong)pfn);
            free[pfn] |= system.Frames.IsPlaced(place) && FrameAllocator.IsFree(system.Frames.Record(place));
        }
    }

    private static void Collect(MemoryCensus census, uint first, int frames, BitArray free)
    {
        FrameTable table = census.System.Frames;
        for (uint pfn = first; pfn != 0; pfn = table.Record(new Pfn(pfn))->Next)
        {
            PageFrame* page = table.Record(new Pfn(pfn));
            if (free[(int)pfn] || !page->Has(FrameFlags.Free))
            {
                census.Report("INV-01", $"frame {pfn:x} ({page->Flags}) is in a free list twice, or not marked as free there");
                return;
            }

            for (int i = 0; i < frames; i++)
            {
                free[(int)pfn + i] = true;
            }
        }
    }

    private static int CheckBlock(MemoryCensus census, PageFrame* first, int firstPfn, BitArray free)
    {
        int inUse = 0;
        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            PageFrame* page = first + i;
            if (!free[firstPfn + i])
            {
                inUse++;
                if (page->Has(FrameFlags.Returned))
                {
                    continue;
                }

                if (page->Has(FrameFlags.Free))
                {
                    census.Report("INV-01", $"frame {page->SelfPfn:x} is marked as free and in no free list");
                }

                FrameChecker.Check(census, page);
            }
            else if (page->RefCount != 0 || page->MapCount != 0 || census.Use(page).Names != 0 || census.Use(page).References != 0)
            {
                census.Report("INV-01", $"frame {page->SelfPfn:x} is free and still used: {page->RefCount} references, {page->MapCount} mappings");
            }
        }

        return inUse;
    }

    // Frame 0 means "no frame", so the first block of all holds nothing.
    private static void CountFirstDeviceBlock(MemoryCensus census, BitArray free)
    {
        for (int pfn = 0; pfn < PageConstants.HugePages && pfn < free.Length; pfn++)
        {
            if (free[pfn])
            {
                census.Report("INV-01", $"frame {pfn:x} of the block that is never used is in a free list");
            }
        }
    }
}
