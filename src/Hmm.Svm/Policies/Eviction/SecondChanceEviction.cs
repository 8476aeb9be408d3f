using System;
using System.Collections.Generic;

namespace Hmm.Svm.Policies.Eviction;

/// <summary>First in, first out, but what was used since it came, or since it was passed over, goes to the end of the queue once.</summary>
/// <remarks>Not thread-safe: it remembers whom it passed over. Allocates when a unit is passed over for the first time, not after. Cost: at most two passes over the units.</remarks>
public sealed class SecondChanceEviction : IEvictionPolicy
{
    private readonly Dictionary<(int Space, ulong Block, int Page), Chance> _chances = [];
    private long _turn;

    /// <inheritdoc/>
    public EvictionDecision Choose(in EvictionQuery query)
    {
        long tail = 0;
        ReadOnlySpan<ResidentUnit> units = query.Units;
        for (int i = 0; i < units.Length; i++)
        {
            tail = Math.Max(tail, units[i].Allocated);
        }

        for (int passed = 0; ; passed++)
        {
            int index = EvictionOrder.First(query, new Key(this));
            if (index < 0)
            {
                return EvictionOrder.Decide(query, index, "", "", 0);
            }

            ref readonly ResidentUnit unit = ref units[index];

            // Each unit is passed over at most once in a choice: the second time around its accesses have been seen.
            if (unit.Accessed <= Of(unit).Seen || passed == units.Length)
            {
                _chances.Remove((unit.Space, unit.Block, unit.FirstPage));
                return EvictionOrder.Decide(query, index, "first-in-without-use", "passed-over", passed);
            }

            _chances[(unit.Space, unit.Block, unit.FirstPage)] = new Chance(unit.Allocated, tail, ++_turn, unit.Accessed);
        }
    }

    private Chance Of(in ResidentUnit unit)
    {
        bool isKnown = _chances.TryGetValue((unit.Space, unit.Block, unit.FirstPage), out Chance chance);

        // Another allocation of the same place begins anew, with the fault that brought it seen.
        return isKnown && chance.Allocated == unit.Allocated
            ? chance
            : new Chance(unit.Allocated, unit.Allocated, 0, Math.Max(unit.Allocated, unit.Populated));
    }

    /// <summary>Where a unit stands in the queue: behind all that were allocated up to a moment, in the order of turns.</summary>
    private readonly record struct Chance(long Allocated, long Position, long Turn, long Seen);

    private readonly struct Key(SecondChanceEviction owner) : EvictionOrder.IKey
    {
        public (long Major, long Minor) Of(in ResidentUnit unit)
        {
            Chance chance = owner.Of(unit);
            return (chance.Position, chance.Turn);
        }
    }
}
