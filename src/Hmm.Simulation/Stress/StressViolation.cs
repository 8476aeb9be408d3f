namespace Hmm.Simulation.Stress;

/// <summary>Something that must never happen, and did.</summary>
/// <param name="Rule">Which rule: <c>stale-entry</c>, <c>lost-write</c>, <c>freed-frame</c>, <c>stuck</c>, <c>lock-order</c>, or an invariant's number.</param>
/// <param name="Message">What, and where.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct StressViolation(string Rule, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Rule + ": " + Message;
}
