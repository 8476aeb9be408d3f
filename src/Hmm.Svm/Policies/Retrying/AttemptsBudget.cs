using System;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Retrying;

/// <summary>So many attempts, and no more.</summary>
/// <remarks>Thread-safe: immutable. Allocates nothing. Source: gpusvm allows 3 attempts for atomics and 1 otherwise. Settings: <c>max</c> (1000), <c>atomics</c> (as max).</remarks>
public sealed class AttemptsBudget : IRetryBudget
{
    private readonly int _max;
    private readonly int _atomicMax;

    /// <summary>Makes one.</summary>
    /// <param name="max">Attempts, at least 1.</param>
    /// <param name="atomicMax">Attempts of atomics; 0 for the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small.</exception>
    public AttemptsBudget(int max, int atomicMax = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(atomicMax);
        _max = max;
        _atomicMax = atomicMax == 0 ? max : atomicMax;
    }

    /// <inheritdoc/>
    public RetryDecision Decide(in RetryQuery query)
    {
        int max = query.Kind == AccessKind.Atomic ? _atomicMax : _max;
        bool may = query.Attempts < max;
        return new RetryDecision(may, 0, new Reason(may ? "attempts-left" : "attempts-spent", new("attempts", query.Attempts), new("max", max)));
    }
}
