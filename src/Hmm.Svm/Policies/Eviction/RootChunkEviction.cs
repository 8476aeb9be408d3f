using System;

namespace Hmm.Svm.Policies.Eviction;

/// <summary>NVIDIA UVM's choice among chunks of 2 MiB: empty ones, then discarded ones, then used ones by when they were allocated or populated last.</summary>
/// <remarks>
/// Accesses do not count: what is used all the time and was filled long ago goes first. Free chunks are no units; who has one needs no eviction.
/// Thread-safe: immutable. Allocates nothing; one pass over the units.
/// </remarks>
public sealed class RootChunkEviction : IEvictionPolicy
{
    private const int Unused = 0;
    private const int Discarded = 1;
    private const int Used = 2;

    /// <inheritdoc/>
    public EvictionDecision Choose(in EvictionQuery query)
    {
        int index = EvictionOrder.First(query, default(Key));
        if (index < 0)
        {
            return EvictionOrder.Decide(query, index, "", "", 0);
        }

        ref readonly ResidentUnit unit = ref query.Units[index];
        string rule = ClassOf(unit) switch
        {
            Unused => "unused",
            Discarded => "discarded",
            _ => "least-recently-populated",
        };
        return EvictionOrder.Decide(query, index, rule, "populated", Math.Max(unit.Allocated, unit.Populated));
    }

    private static int ClassOf(in ResidentUnit unit)
    {
        if (unit.Pages == 0)
        {
            return Unused;
        }

        return unit.IsDiscarded ? Discarded : Used;
    }

    private readonly struct Key : EvictionOrder.IKey
    {
        public (long Major, long Minor) Of(in ResidentUnit unit) => (ClassOf(unit), Math.Max(unit.Allocated, unit.Populated));
    }
}
