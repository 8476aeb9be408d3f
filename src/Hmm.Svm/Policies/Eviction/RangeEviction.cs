using System;

namespace Hmm.Svm.Policies.Eviction;

/// <summary>Evicts whole aligned ranges: everything that lives in the range of the unit that was populated least recently.</summary>
/// <remarks>
/// As KFD does, where a range's memory is one buffer object that leaves as a whole. Coarse: a small need can empty a gigabyte. Not thread-safe: it
/// remembers the range that it is emptying. Allocates nothing. Setting: <c>pages</c> (a power of two from 512 to 262144), by default derived from the
/// size of the device's memory as <see cref="PagesFor"/> says if that is given as <c>device-pages</c>, else 512.
/// </remarks>
public sealed class RangeEviction : IEvictionPolicy
{
    private const int RangePagesMin = 1 << 9;
    private const int RangePagesMax = 1 << 18;
    private readonly ulong _blocks;
    private (int Space, ulong Range) _emptying = (-1, 0);
    private (int Space, ulong Block) _for;

    /// <summary>Makes one.</summary>
    /// <param name="pages">Pages of a range: a power of two from 512 to 262144.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is none of these.</exception>
    public RangeEviction(int pages = RangePagesMin)
    {
        if (pages is < RangePagesMin or > RangePagesMax || (pages & (pages - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(pages), pages, "A range has 512, 1024 ... 262144 pages.");
        }

        _blocks = (ulong)pages / PageMask.Pages;
    }

    /// <summary>The size of KFD's ranges: a 32nd of the device's memory in pages, at least 2 MiB, at most 1 GiB, rounded down to a power of two.</summary>
    /// <param name="devicePages">Pages of the smallest device's memory.</param>
    /// <returns>Pages.</returns>
    public static int PagesFor(ulong devicePages)
    {
        ulong pages = Math.Clamp(devicePages >> 5, RangePagesMin, RangePagesMax);
        return 1 << System.Numerics.BitOperations.Log2(pages);
    }

    /// <inheritdoc/>
    public EvictionDecision Choose(in EvictionQuery query)
    {
        // The range that is being emptied is emptied for one need; a new need looks anew.
        bool goesOn = _emptying.Space >= 0 && _for == (query.Space, query.Block);
        int index = goesOn ? EvictionOrder.First(query, new Key(this)) : -1;
        if (index < 0 || !IsInRange(query.Units[index]))
        {
            index = EvictionOrder.First(query, default(Oldest));
            if (index < 0)
            {
                _emptying = (-1, 0);
                return EvictionOrder.Decide(query, index, "", "", 0);
            }

            _emptying = (query.Units[index].Space, query.Units[index].Block / _blocks);
            _for = (query.Space, query.Block);
        }

        int left = CountInRange(query) - 1;
        EvictionDecision decision = EvictionOrder.Decide(query, index, "oldest-range", "units-left", left);
        if (left <= 0)
        {
            _emptying = (-1, 0);
        }

        return decision with { WantsMore = left > 0 };
    }

    private bool IsInRange(in ResidentUnit unit) => unit.Space == _emptying.Space && unit.Block / _blocks == _emptying.Range;

    private int CountInRange(in EvictionQuery query)
    {
        int count = 0;
        ReadOnlySpan<ResidentUnit> units = query.Units;
        for (int i = 0; i < units.Length; i++)
        {
            count += !units[i].IsPinned && IsInRange(units[i]) ? 1 : 0;
        }

        return count;
    }

    private readonly struct Key(RangeEviction owner) : EvictionOrder.IKey
    {
        public (long Major, long Minor) Of(in ResidentUnit unit) => (owner.IsInRange(unit) ? 0 : 1, (long)unit.Block);
    }

    private readonly struct Oldest : EvictionOrder.IKey
    {
        public (long Major, long Minor) Of(in ResidentUnit unit) => (0, Math.Max(unit.Allocated, unit.Populated));
    }
}
