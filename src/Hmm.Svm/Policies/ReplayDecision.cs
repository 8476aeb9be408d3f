namespace Hmm.Svm.Policies;

/// <summary>Whether to replay.</summary>
/// <param name="Action">What to tell the device.</param>
/// <param name="Reason">Why.</param>
public readonly record struct ReplayDecision(ReplayAction Action, Reason Reason);
