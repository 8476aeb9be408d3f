namespace Hmm.Svm.Policies.Eviction;

/// <summary>Evicts what the device used least recently.</summary>
/// <remarks>What UVM says it would like: real accesses, as far as walks of the device's page table show them. Thread-safe: immutable. Allocates nothing; one pass over the units.</remarks>
public sealed class LeastRecentlyUsedEviction : IEvictionPolicy
{
    /// <inheritdoc/>
    public EvictionDecision Choose(in EvictionQuery query)
    {
        int index = EvictionOrder.First(query, default(Key));
        return EvictionOrder.Decide(query, index, "least-recently-used", "accessed", index < 0 ? 0 : query.Units[index].Accessed);
    }

    private readonly struct Key : EvictionOrder.IKey
    {
        public (long Major, long Minor) Of(in ResidentUnit unit) => (0, unit.Accessed);
    }
}
