using System;
using System.Numerics;

namespace Hmm.Svm.Policies.Prefetching;

/// <summary>Brings the aligned granule around each fault, cut to the region.</summary>
/// <remarks>
/// Thread-safe: immutable. Allocates nothing. Source: KFD brings 2 MiB a fault (512 pages); with 16 pages it is the "sequential-local" prefetch of the
/// simulators, and with 1024 or more than the region it brings all there is. Setting: <c>pages</c> (512; a power of two).
/// </remarks>
public sealed class GranulePrefetch : IPrefetchPolicy
{
    private readonly int _pages;

    /// <summary>Makes one.</summary>
    /// <param name="pages">Pages of a granule: a power of two, 1 to 512.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is no power of two, or out of range.</exception>
    public GranulePrefetch(int pages = PageMask.Pages)
    {
        if (!BitOperations.IsPow2(pages) || pages > PageMask.Pages)
        {
            throw new ArgumentOutOfRangeException(nameof(pages), pages, "A granule has 1, 2, 4 ... 512 pages.");
        }

        _pages = pages;
    }

    /// <inheritdoc/>
    public Reason Choose(in PrefetchQuery query, ref PageMask prefetch)
    {
        int granules = 0;
        for (int page = query.Faulted.Next(query.RegionFirst); page < query.RegionEnd;)
        {
            int start = page & -_pages;
            int first = Math.Max(start, query.RegionFirst);
            int end = Math.Min(start + _pages, query.RegionEnd);
            prefetch.AddRange(first, end - first);
            granules++;
            page = query.Faulted.Next(end);
        }

        prefetch = prefetch - query.Faulted - query.Thrashing;
        return new Reason("granule", new("granules", granules), new("granule-pages", _pages), new("pages", prefetch.Count));
    }
}
