using System;

namespace Hmm.Svm.Policies.Prefetching;

/// <summary>Brings the pages that follow each fault: within the block, and beyond it where the driver's window goes on.</summary>
/// <remarks>Thread-safe: immutable. Allocates nothing. Setting: <c>pages</c> (16, which are 64 KiB). Source: RDMA reads up to 4 MiB ahead of a request.</remarks>
public sealed class NextPagesPrefetch : IPrefetchPolicy
{
    private const int PagesMax = 2 * PageMask.Pages;
    private readonly int _pages;

    /// <summary>Makes one.</summary>
    /// <param name="pages">Pages behind a fault, 1 to 1024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public NextPagesPrefetch(int pages = 16)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, PagesMax);
        _pages = pages;
    }

    /// <inheritdoc/>
    public int PagesAhead => _pages;

    /// <inheritdoc/>
    public Reason Choose(in PrefetchQuery query, ref PageMask prefetch)
    {
        for (int page = query.Faulted.Next(0); page < query.RegionEnd; page = query.Faulted.Next(page + 1))
        {
            int end = Math.Min(page + 1 + _pages, query.RegionEnd);
            prefetch.AddRange(page + 1, end - page - 1);
        }

        prefetch = prefetch - query.Faulted - query.Thrashing;
        return new Reason("next-pages", new("faulted", query.Faulted.Count), new("pages", prefetch.Count));
    }
}
