namespace Hmm.Svm.Policies.Eviction;

/// <summary>Evicts what the device used least often; among equals what was allocated first.</summary>
/// <remarks>Counts walks of the device's page table since the allocation. Thread-safe: immutable. Allocates nothing; one pass over the units.</remarks>
public sealed class LeastFrequentlyUsedEviction : IEvictionPolicy
{
    /// <inheritdoc/>
    public EvictionDecision Choose(in EvictionQuery query)
    {
        int index = EvictionOrder.First(query, default(Key));
        return EvictionOrder.Decide(query, index, "least-frequently-used", "accesses", index < 0 ? 0 : query.Units[index].AccessCount);
    }

    private readonly struct Key : EvictionOrder.IKey
    {
        public (long Major, long Minor) Of(in ResidentUnit unit) => (0, unit.AccessCount);
    }
}
