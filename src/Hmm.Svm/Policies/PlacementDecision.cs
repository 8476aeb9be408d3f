namespace Hmm.Svm.Policies;

/// <summary>Where a page shall live.</summary>
/// <param name="Location">An agent; where the page lives already means: stay, and map it from there. <see cref="Traces.Agents.None"/>: the access is refused.</param>
/// <param name="Reason">Why.</param>
public readonly record struct PlacementDecision(int Location, Reason Reason);
