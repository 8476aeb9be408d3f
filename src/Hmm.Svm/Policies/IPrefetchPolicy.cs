namespace Hmm.Svm.Policies;

/// <summary>Which pages come along when some pages of a block are brought to an agent.</summary>
/// <remarks>Called by one thread at a time. Must not allocate. The block's pages that a policy names and that cannot be had are left out silently.</remarks>
public interface IPrefetchPolicy
{
    /// <summary>How many pages behind a fault come along though they lie in other blocks, for drivers whose windows end at no block (RDMA).</summary>
    int PagesAhead => 0;

    /// <summary>Chooses.</summary>
    /// <param name="query">The block and what is known about it.</param>
    /// <param name="prefetch">The pages, beside those that faulted; empty when called. What lies outside the region, faulted or thrashing is taken out again.</param>
    /// <returns>Why.</returns>
    Reason Choose(in PrefetchQuery query, ref PageMask prefetch);
}
