namespace Hmm.Svm.Policies;

/// <summary>Bounds attempts.</summary>
/// <remarks>Called by one thread at a time. Must not allocate.</remarks>
public interface IRetryBudget
{
    /// <summary>Decides.</summary>
    /// <param name="query">What failed and how often.</param>
    /// <returns>The decision.</returns>
    RetryDecision Decide(in RetryQuery query);
}
