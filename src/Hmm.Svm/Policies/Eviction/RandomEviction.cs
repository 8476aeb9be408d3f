using System;

namespace Hmm.Svm.Policies.Eviction;

/// <summary>Evicts by chance, from a seed.</summary>
/// <remarks>Not thread-safe: it remembers where its row of numbers is. Allocates nothing. Setting: <c>seed</c> (1).</remarks>
public sealed class RandomEviction : IEvictionPolicy
{
    private SeededNumbers _numbers;

    /// <summary>Makes one.</summary>
    /// <param name="seed">Equal seeds choose equally.</param>
    public RandomEviction(long seed = 1) => _numbers = new SeededNumbers(seed);

    /// <inheritdoc/>
    public EvictionDecision Choose(in EvictionQuery query)
    {
        bool onlyProtected = EvictionOrder.First(query, default(Any)) is int first && first >= 0 && query.Units[first].ProtectedUntil > query.Time;
        int candidates = 0;
        ReadOnlySpan<ResidentUnit> units = query.Units;
        for (int i = 0; i < units.Length; i++)
        {
            candidates += IsCandidate(units[i], query.Time, onlyProtected) ? 1 : 0;
        }

        int skip = candidates == 0 ? 0 : _numbers.Below(candidates);
        for (int i = 0; i < units.Length; i++)
        {
            if (IsCandidate(units[i], query.Time, onlyProtected) && skip-- == 0)
            {
                return EvictionOrder.Decide(query, i, "random", "of", candidates);
            }
        }

        return EvictionOrder.Decide(query, -1, "", "", 0);
    }

    private static bool IsCandidate(in ResidentUnit unit, long time, bool onlyProtected) =>
        !unit.IsPinned && (onlyProtected || unit.ProtectedUntil <= time);

    private readonly struct Any : EvictionOrder.IKey
    {
        public (long Major, long Minor) Of(in ResidentUnit unit) => (0, 0);
    }
}
