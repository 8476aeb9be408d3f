namespace Hmm.Svm.Policies.Retrying;

/// <summary>No bound: each decision says so, and the service's own bound ends what never succeeds.</summary>
/// <remarks>Thread-safe: immutable. Allocates nothing. Source: amdxdna dropped its bound; KFD's restore worker and ODP's second loop have none.</remarks>
public sealed class UnboundedBudget : IRetryBudget
{
    /// <inheritdoc/>
    public RetryDecision Decide(in RetryQuery query) =>
        new(true, 0, new Reason("unbounded", new("attempts", query.Attempts), new("without-progress", query.AttemptsWithoutProgress)));
}
