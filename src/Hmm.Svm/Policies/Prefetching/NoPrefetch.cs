namespace Hmm.Svm.Policies.Prefetching;

/// <summary>Brings nothing along: on-demand paging.</summary>
/// <remarks>Thread-safe: immutable. Source: nouveau; the "on-demand" column of the simulators' tables.</remarks>
public sealed class NoPrefetch : IPrefetchPolicy
{
    /// <inheritdoc/>
    public Reason Choose(in PrefetchQuery query, ref PageMask prefetch) => new("none");
}
