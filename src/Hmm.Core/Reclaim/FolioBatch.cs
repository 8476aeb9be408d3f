using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;

namespace Hmm.Core.Reclaim;

/// <summary>How much of a huge folio that small entries map lies in one stretch: Linux treats a whole one and a part differently.</summary>
internal static unsafe class FolioBatch
{
    /// <summary>Counts present entries of the page's folio, one after another, from the page on.</summary>
    /// <param name="leaf">The page's entry; its table is locked.</param>
    /// <param name="page">The page.</param>
    /// <param name="address">Its address.</param>
    /// <param name="end">Where to stop, exclusive; within the table.</param>
    public static int Count(LeafSlot leaf, PageFrame* page, ulong address, ulong end)
    {
        int inFolio = PageConstants.HugePages - page->HeadDistance;
        int inRange = (int)((end - address) >> PageConstants.PageShift);
        int count = 0;
        while (count < inFolio && count < inRange)
        {
            Pte entry = Pte.Read(leaf.Word + count);
            if (!entry.IsPresent || entry.IsSpecial || entry.Pfn.Value != page->SelfPfn + (ulong)count)
            {
                break;
            }

            count++;
        }

        return count;
    }
}
