using System;

namespace Hmm.Core.Mirroring;

/// <summary>How long a fault may collide with invalidations before it gives up. Progress renews it.</summary>
/// <param name="Attempts">Attempts without progress, at least 1.</param>
/// <param name="Time">Time without progress; counts only if <paramref name="Clock"/> is given.</param>
/// <param name="Clock">The clock; the engine has none of its own. Null for attempts only.</param>
/// <remarks>Thread-safe: immutable. Kernel drivers have a fixed second each, which fails under load for no reason, or no bound at all.</remarks>
public readonly record struct RetryBudget(int Attempts, TimeSpan Time, TimeProvider? Clock)
{
    /// <summary>A thousand attempts without progress.</summary>
    public static RetryBudget Default => new(1000, TimeSpan.MaxValue, null);

    internal long Now => Clock?.GetTimestamp() ?? 0;

    internal bool IsSpent(int attempts, long since) =>
        attempts >= Math.Max(Attempts, 1) || (Clock != null && Clock.GetElapsedTime(since) >= Time);
}
