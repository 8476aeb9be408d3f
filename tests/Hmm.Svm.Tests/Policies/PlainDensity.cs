using System;
using Hmm.Svm.Policies;

namespace Hmm.Svm.Tests.Policies;

/// <summary>The rules of the density prefetch, page by page with arrays, as slow as they read.</summary>
internal static class PlainDensity
{
    public static PageMask Choose(PrefetchQuery query, int threshold, bool widens)
    {
        PageMask prefetch = default;
        for (int page = query.RegionFirst; page < query.RegionEnd; page++)
        {
            if (query.Faulted.Has(page) && !query.Thrashing.Has(page))
            {
                prefetch |= NodeOf(query, page, threshold, widens);
            }
        }

        return prefetch - query.Faulted - query.Thrashing;
    }

    /// <summary>The node that one fault brings.</summary>
    public static PageMask NodeOf(PrefetchQuery query, int page, int threshold, bool widens)
    {
        bool hasGroup = HasGroup(query.RegionFirst, query.RegionEnd);
        int shift = widens && hasGroup ? query.RegionFirst % 16 : 0;
        int leaves = query.RegionEnd - query.RegionFirst + shift;
        bool[] set = new bool[leaves];
        for (int i = query.RegionFirst; i < query.RegionEnd; i++)
        {
            bool isWidened = widens && IsFilled(query, i, hasGroup);
            set[i - query.RegionFirst + shift] = query.Resident.Has(i) || query.Faulted.Has(i) || isWidened;
        }

        PageMask best = default;
        int leaf = page - query.RegionFirst + shift;
        for (int size = 1; ; size *= 2)
        {
            int from = leaf / size * size;
            int to = Math.Min(from + size, leaves);
            int count = 0;
            for (int i = from; i < to; i++)
            {
                count += set[i] ? 1 : 0;
            }

            if (count * 100 > (to - from) * threshold)
            {
                int first = Math.Max(from - shift, 0) + query.RegionFirst;
                best = PageMask.Range(first, to - shift + query.RegionFirst - first);
            }

            if (size >= leaves)
            {
                return best;
            }
        }
    }

    /// <summary>Whether the group of a page, or the head or tail of the region, holds a fault and nothing that thrashes.</summary>
    private static bool IsFilled(PrefetchQuery query, int page, bool hasGroup)
    {
        int from = query.RegionFirst;
        int to = query.RegionEnd;
        if (hasGroup)
        {
            from = Math.Max(page / 16 * 16, query.RegionFirst);
            to = Math.Min((page / 16 * 16) + 16, query.RegionEnd);
        }

        bool faults = false;
        for (int i = from; i < to; i++)
        {
            faults |= query.Faulted.Has(i);
            if (query.Thrashing.Has(i))
            {
                return false;
            }
        }

        return faults;
    }

    private static bool HasGroup(int first, int end) => (first + 15) / 16 * 16 + 16 <= end;
}
