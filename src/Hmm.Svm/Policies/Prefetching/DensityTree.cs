using System.Numerics;

namespace Hmm.Svm.Policies.Prefetching;

/// <summary>The tree of a density prefetch: leaves are pages that live at the destination or fault now; a node counts the leaves below it.</summary>
/// <remarks>
/// The counts are not stored: a node of level n covers 2^n neighbouring bits, and counting set bits is faster than keeping sums up to date. The
/// last node of a level may cover fewer leaves than the others. Not thread-safe. Allocates nothing.
/// </remarks>
internal ref struct DensityTree
{
    /// <summary>Pages of 64 KiB: the unit by which faults are widened before nodes are counted.</summary>
    public const int GroupPages = 16;

    private readonly int _base;
    private readonly int _first;
    private readonly int _end;
    private readonly int _levels;
    private PageMask _bits;

    /// <summary>Builds the tree of a region.</summary>
    /// <param name="query">The block; its region must not be empty.</param>
    /// <param name="widens">Whether faults fill their 64 KiB group first; if not, leaf 0 is the region's first page.</param>
    public DensityTree(in PrefetchQuery query, bool widens)
    {
        _first = query.RegionFirst;
        _end = query.RegionEnd;
        int firstGroup = AlignUp(_first);
        bool hasGroup = firstGroup + GroupPages <= _end;

        // Leaves line up with groups only where the region has a whole group; otherwise they begin with the region.
        _base = widens && hasGroup ? _first & -GroupPages : _first;
        _levels = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)(_end - _base))) + 1;
        PageMask region = PageMask.Range(_first, _end - _first);
        _bits = (query.Resident | query.Faulted) & region;
        if (widens)
        {
            Widen(query, hasGroup ? firstGroup : _end);
        }
    }

    /// <summary>The largest node above a page whose share of set leaves is high enough.</summary>
    /// <param name="page">A page of the region.</param>
    /// <param name="rule">Which share is enough.</param>
    /// <param name="first">First page of the node, cut to the region.</param>
    /// <param name="end">Its end, exclusive; equal to first if there is no such node.</param>
    public readonly void LargestDense(int page, DensityRule rule, out int first, out int end)
    {
        first = page;
        end = page;
        for (int level = 0; level < _levels; level++)
        {
            int leaf = ((page - _base) >> level) << level;
            int from = _base + leaf;
            int to = System.Math.Min(from + (1 << level), _end);
            if (rule.IsEnough(Count(from, to), to - from))
            {
                first = System.Math.Max(from, _first);
                end = to;
            }
        }
    }

    private static int AlignUp(int page) => (page + GroupPages - 1) & -GroupPages;

    /// <summary>Head before the first whole group, whole groups, tail: each is filled if something in it faults and nothing in it thrashes.</summary>
    private void Widen(in PrefetchQuery query, int firstGroup)
    {
        int at = _first;
        while (at < _end)
        {
            int to = at < firstGroup ? firstGroup : System.Math.Min(at + GroupPages, _end);
            PageMask piece = PageMask.Range(at, to - at);
            if (!(query.Faulted & piece).IsEmpty && (query.Thrashing & piece).IsEmpty)
            {
                _bits |= piece;
            }

            at = to;
        }
    }

    private readonly int Count(int from, int to)
    {
        System.ReadOnlySpan<ulong> words = _bits.Words;
        int count = 0;
        for (int word = from >> 6; word << 6 < to; word++)
        {
            ulong bits = words[word];
            if (word == from >> 6)
            {
                bits &= ulong.MaxValue << (from & 63);
            }

            if (to - (word << 6) < 64)
            {
                bits &= (1UL << (to & 63)) - 1;
            }

            count += BitOperations.PopCount(bits);
        }

        return count;
    }
}
