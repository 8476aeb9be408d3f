using System.Collections.Generic;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Frames;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.Diagnostics;

/// <summary>INV-12: when every process has exited and no pin is left, nothing is in use but the zero pages and what has failed.</summary>
internal static unsafe class LeakChecker
{
    public static void Check(MemoryCensus census)
    {
        MemorySystem system = census.System;
        ulong kept = 1 + (system.HugeZero.IsNone ? 0UL : (ulong)Addressing.PageConstants.HugePages);
        HashSet<int> failedFamilies = [];
        for (ulong pfn = 1; pfn < system.Frames.FrameCount; pfn++)
        {
            PageFrame* page = system.Frames.Record(new Addressing.Pfn(pfn));
            if (page->Has(FrameFlags.HwPoison) && !Folios.Head(page)->IsReserved)
            {
                kept++;
                // A page that failed keeps the name of its family, which nobody uses any more.
                failedFamilies.Add(page->Has(FrameFlags.Anon) ? page->MappingId : 0);
            }
        }

        Expect(census, "system frames", (long)system.Allocator.InUse, (long)kept);
        Expect(census, "swap slots", system.Swap.InUse, 0);
        Expect(census, "nodes of page tables", system.Tables.InUse, 0);
        for (int id = 1; id < system.Pagemaps.End; id++)
        {
            DevicePagemap pagemap = system.Pagemaps[id];
            Expect(census, "device frames", pagemap.PagesInUse, 0);
        }

        foreach (RmapRoot root in census.Roots)
        {
            if (!failedFamilies.Contains(root.Id))
            {
                census.Report("INV-12", $"family or file {root.Id} is left with {root.References} references");
            }
        }
    }

    private static void Expect(MemoryCensus census, string what, long found, long expected)
    {
        if (found != expected)
        {
            census.Report("INV-12", $"{found} {what} are left in use, {expected} should be");
        }
    }
}
