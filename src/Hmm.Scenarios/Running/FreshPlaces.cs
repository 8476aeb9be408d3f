using System;
using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Running;

/// <summary>Hands out places for mappings: aligned to 1 GiB, with a hole of at least 1 GiB on both sides, none twice.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class FreshPlaces
{
    private const ulong PagesPerGiB = 1UL << (PageConstants.PudShift - PageConstants.PageShift);
    private const ulong UserSpacePages = PageConstants.UserSpaceEnd >> PageConstants.PageShift;

    private ulong _nextPage = 4 * PagesPerGiB;

    /// <summary>The next place. If the mapping does not fit in user space it is still a place of its own, but a small one.</summary>
    public VirtualAddress Take(long pageCount)
    {
        ulong start = _nextPage;
        ulong length = Fits(VirtualAddress.FromPage(start), pageCount) ? Math.Max((ulong)pageCount, 1) : 1;
        ulong lengthGiB = ((length - 1) / PagesPerGiB) + 1;

        // Far above user space nothing is ever mapped, so there places need not differ.
        _nextPage = Math.Min(start + ((lengthGiB + 1) * PagesPerGiB), 2 * UserSpacePages);
        return VirtualAddress.FromPage(start);
    }

    /// <summary>Whether a mapping lies in user space.</summary>
    public static bool Fits(VirtualAddress start, long pageCount) =>
        start.PageNumber <= UserSpacePages && (ulong)pageCount <= UserSpacePages - start.PageNumber;
}
