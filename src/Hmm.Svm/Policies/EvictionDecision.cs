namespace Hmm.Svm.Policies;

/// <summary>What to evict.</summary>
/// <param name="Index">Which of the query's units; negative for none: the allocation then fails.</param>
/// <param name="Reason">Why.</param>
public readonly record struct EvictionDecision(int Index, Reason Reason)
{
    /// <summary>Whether the policy wants to be asked for another one although this one gives room enough: it evicts in larger pieces.</summary>
    public bool WantsMore { get; init; }
}
