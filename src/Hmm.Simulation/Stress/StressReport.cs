using System;
using System.Collections.Generic;

namespace Hmm.Simulation.Stress;

/// <summary>How a stress run went.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Elapsed">How long the threads worked.</param>
/// <param name="Operations">How often each operation ended, by kind; those that met an expected obstacle count.</param>
/// <param name="LockWaits">How often somebody had to wait, by lock, most first. Empty unless locks were watched.</param>
/// <param name="Violations">What must never happen and did; empty for a clean run.</param>
/// <param name="IsInterrupted">Whether it was cancelled before its time.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record StressReport(
    StressOptions Options,
    TimeSpan Elapsed,
    IReadOnlyList<KeyValuePair<StressOperation, long>> Operations,
    IReadOnlyList<KeyValuePair<string, long>> LockWaits,
    IReadOnlyList<StressViolation> Violations,
    bool IsInterrupted)
{
    /// <summary>Whether nothing was found.</summary>
    public bool IsClean => Violations.Count == 0;
}
