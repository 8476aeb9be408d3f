namespace Hmm.Svm.Policies.Eviction;

/// <summary>Evicts what was allocated first.</summary>
/// <remarks>Thread-safe: immutable. Allocates nothing; one pass over the units.</remarks>
public sealed class FirstInFirstOutEviction : IEvictionPolicy
{
    /// <inheritdoc/>
    public EvictionDecision Choose(in EvictionQuery query)
    {
        int index = EvictionOrder.First(query, default(Key));
        return EvictionOrder.Decide(query, index, "first-in-first-out", "allocated", index < 0 ? 0 : query.Units[index].Allocated);
    }

    private readonly struct Key : EvictionOrder.IKey
    {
        public (long Major, long Minor) Of(in ResidentUnit unit) => (0, unit.Allocated);
    }
}
