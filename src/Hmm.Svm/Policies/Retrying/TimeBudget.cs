using System;

namespace Hmm.Svm.Policies.Retrying;

/// <summary>As many attempts as fit in a time.</summary>
/// <remarks>
/// Thread-safe: immutable. Allocates nothing. Source: 1000 ms in nouveau, gpusvm, RDMA ODP and the kernel's test driver. Settings: <c>ms</c> (1000),
/// <c>invalidated-only</c> (0; 1 as ODP: only collisions of the walk count, others go on without a bound and say so).
/// </remarks>
public sealed class TimeBudget : IRetryBudget
{
    private readonly long _ns;
    private readonly bool _onlyInvalidated;

    /// <summary>Makes one.</summary>
    /// <param name="ns">The time in nanoseconds, more than 0.</param>
    /// <param name="onlyInvalidated">Whether only attempts count that an invalidation overtook.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is not positive.</exception>
    public TimeBudget(long ns, bool onlyInvalidated = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ns);
        _ns = ns;
        _onlyInvalidated = onlyInvalidated;
    }

    /// <inheritdoc/>
    public RetryDecision Decide(in RetryQuery query)
    {
        if (_onlyInvalidated && query.Cause != RetryCause.Invalidated)
        {
            return new RetryDecision(true, 0, new Reason("unbounded", new("attempts", query.Attempts), new("elapsed", query.Elapsed)));
        }

        bool may = query.Elapsed < _ns;
        return new RetryDecision(
            may, 0, new Reason(may ? "time-left" : "time-spent", new("elapsed", query.Elapsed), new("max", _ns), new("attempts", query.Attempts)));
    }
}
