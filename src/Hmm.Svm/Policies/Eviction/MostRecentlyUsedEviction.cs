namespace Hmm.Svm.Policies.Eviction;

/// <summary>Evicts what the device used most recently.</summary>
/// <remarks>Best for reading the same too large range over and over, where least-recently-used misses every time. Thread-safe: immutable. Allocates nothing; one pass over the units.</remarks>
public sealed class MostRecentlyUsedEviction : IEvictionPolicy
{
    /// <inheritdoc/>
    public EvictionDecision Choose(in EvictionQuery query)
    {
        int index = EvictionOrder.First(query, default(Key));
        return EvictionOrder.Decide(query, index, "most-recently-used", "accessed", index < 0 ? 0 : query.Units[index].Accessed);
    }

    private readonly struct Key : EvictionOrder.IKey
    {
        public (long Major, long Minor) Of(in ResidentUnit unit) => (0, -unit.Accessed);
    }
}
