namespace Hmm.Svm.Policies;

/// <summary>How much to fetch.</summary>
/// <param name="Limit">Entries at most; 0 ends this service call.</param>
/// <param name="Reason">Why.</param>
public readonly record struct BatchDecision(int Limit, Reason Reason);
