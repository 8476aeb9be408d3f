using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Addressing;

namespace Hmm.Pager.Spaces;

/// <summary>Which frame each page of a view can show: its home. Consecutive pages have consecutive homes, in segments.</summary>
/// <remarks>Reading takes no lock and allocates nothing: writers replace the whole list. Writers are ordered by the space's layout lock.</remarks>
internal sealed class HomeMap
{
    private HomeSegment[] _segments = [];

    /// <summary>All segments in address order, as they are now.</summary>
    public ReadOnlySpan<HomeSegment> Segments => Volatile.Read(ref _segments);

    /// <summary>The home of a page, or none.</summary>
    public Pfn Find(ulong address)
    {
        ReadOnlySpan<HomeSegment> following = From(address);
        return following.Length > 0 && following[0].Start <= address ? following[0].HomeOf(address) : Pfn.None;
    }

    /// <summary>The segments that end after an address, in address order, as they are now.</summary>
    public ReadOnlySpan<HomeSegment> From(ulong address)
    {
        ReadOnlySpan<HomeSegment> segments = Segments;
        int low = 0;
        int high = segments.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = segments[middle].End > address ? (low, middle) : (middle + 1, high);
        }

        return segments[low..];
    }

    /// <summary>The address of pages whose homes are these frames.</summary>
    /// <returns>False if they are nobody's homes, or not of pages that follow each other.</returns>
    public bool TryFindAddress(Pfn first, int frameCount, out ulong address)
    {
        foreach (HomeSegment segment in Segments)
        {
            ulong offset = first.Value - segment.First.Value;
            if (offset < segment.PageCount && offset + (ulong)frameCount <= segment.PageCount)
            {
                address = segment.Start + (offset << PageConstants.PageShift);
                return true;
            }
        }

        address = 0;
        return false;
    }

    /// <summary>The parts of segments that lie in a range.</summary>
    public List<HomeSegment> Cut(ulong start, ulong end)
    {
        List<HomeSegment> parts = [];
        foreach (HomeSegment segment in From(start))
        {
            if (segment.Start >= end)
            {
                break;
            }

            parts.Add(segment.Part(Math.Max(start, segment.Start), Math.Min(end, segment.End)));
        }

        return parts;
    }

    /// <summary>Gives a range a home, in place of what it had.</summary>
    public void Set(HomeSegment segment) => Replace(segment.Start, segment.End, segment);

    /// <summary>Takes the homes of a range away.</summary>
    public void Remove(ulong start, ulong end) => Replace(start, end, null);

    private void Replace(ulong start, ulong end, HomeSegment? fresh)
    {
        List<HomeSegment> segments = [];
        foreach (HomeSegment segment in Segments)
        {
            if (segment.End <= start || segment.Start >= end)
            {
                segments.Add(segment);
                continue;
            }

            if (segment.Start < start)
            {
                segments.Add(segment.Part(segment.Start, start));
            }

            if (segment.End > end)
            {
                segments.Add(segment.Part(end, segment.End));
            }
        }

        if (fresh is { } added)
        {
            segments.Add(added);
        }

        segments.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        Volatile.Write(ref _segments, [.. segments]);
    }
}
