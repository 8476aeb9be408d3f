namespace Hmm.Svm.Policies;

/// <summary>What a thrash policy decided.</summary>
/// <param name="Verdict">What to do.</param>
/// <param name="Location">Where to pin; <see cref="Traces.Agents.None"/> unless pinned.</param>
/// <param name="Until">End of the throttling, in modelled nanoseconds; 0 unless throttled.</param>
/// <param name="Reason">Why.</param>
public readonly record struct ThrashDecision(ThrashVerdict Verdict, int Location, long Until, Reason Reason)
{
    /// <summary>Nothing to do.</summary>
    /// <param name="reason">Why.</param>
    /// <returns>The decision.</returns>
    public static ThrashDecision Serve(Reason reason) => new(ThrashVerdict.None, Traces.Agents.None, 0, reason);
}
