using System;

namespace Hmm.Svm.Policies.Eviction;

/// <summary>Finds the unit that comes first in an order, among those that may be chosen.</summary>
/// <remarks>Units whose protection has not ended are chosen only if there are no others. Thread-safe: no state. One pass, no allocation.</remarks>
internal static class EvictionOrder
{
    /// <summary>An order: the unit with the lowest key goes first.</summary>
    public interface IKey
    {
        /// <summary>Where a unit stands.</summary>
        (long Major, long Minor) Of(in ResidentUnit unit);
    }

    /// <summary>The first unit in the order, or -1; equal keys go by allocation, then by place.</summary>
    public static int First<TKey>(in EvictionQuery query, TKey key)
        where TKey : struct, IKey
    {
        int best = -1;
        Rank bestRank = default;
        ReadOnlySpan<ResidentUnit> units = query.Units;
        for (int i = 0; i < units.Length; i++)
        {
            ref readonly ResidentUnit unit = ref units[i];
            if (unit.IsPinned)
            {
                continue;
            }

            (long major, long minor) = key.Of(unit);
            Rank rank = new(unit.ProtectedUntil > query.Time, major, minor, unit.Allocated, unit.Space, unit.Block, unit.FirstPage);
            if (best < 0 || rank.CompareTo(bestRank) < 0)
            {
                best = i;
                bestRank = rank;
            }
        }

        return best;
    }

    /// <summary>The decision that the choice makes.</summary>
    public static EvictionDecision Decide(in EvictionQuery query, int index, string rule, string input, long value)
    {
        if (index < 0)
        {
            return new EvictionDecision(-1, new Reason("all-pinned", new("units", query.Units.Length)));
        }

        bool isProtected = query.Units[index].ProtectedUntil > query.Time;
        return new EvictionDecision(
            index,
            new Reason(isProtected ? "all-protected" : rule, new(input, value), new("candidates", query.Units.Length), new("pages", query.Units[index].Pages)));
    }

    private readonly record struct Rank(bool IsProtected, long Major, long Minor, long Allocated, int Space, ulong Block, int Page) : IComparable<Rank>
    {
        public int CompareTo(Rank other)
        {
            if (IsProtected != other.IsProtected)
            {
                return IsProtected ? 1 : -1;
            }

            int order = Major.CompareTo(other.Major);
            order = order != 0 ? order : Minor.CompareTo(other.Minor);
            order = order != 0 ? order : Allocated.CompareTo(other.Allocated);
            order = order != 0 ? order : Space.CompareTo(other.Space);
            order = order != 0 ? order : Block.CompareTo(other.Block);
            return order != 0 ? order : Page.CompareTo(other.Page);
        }
    }
}
