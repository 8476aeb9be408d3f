using System;
using System.Collections.Generic;

namespace Hmm.Simulation.Stress;

/// <summary>How a stress run went, on whichever machine.</summary>
/// <param name="Elapsed">How long the threads worked.</param>
/// <param name="Operations">How often each operation ended, by kind; those that met an expected obstacle count.</param>
/// <param name="LockWaits">How often somebody had to wait, by lock, most first. Empty unless locks were watched.</param>
/// <param name="Violations">What must never happen and did; empty for a clean run.</param>
/// <param name="IsInterrupted">Whether it was cancelled before its time.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record StressReport(
    TimeSpan Elapsed,
    IReadOnlyList<KeyValuePair<string, long>> Operations,
    IReadOnlyList<KeyValuePair<string, long>> LockWaits,
    IReadOnlyList<StressViolation> Violations,
    bool IsInterrupted)
{
    /// <summary>What else is worth knowing about the run, as sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether nothing was found.</summary>
    public bool IsClean => Violations.Count == 0;
}
