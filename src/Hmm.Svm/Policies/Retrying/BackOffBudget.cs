using System;

namespace Hmm.Svm.Policies.Retrying;

/// <summary>Waits twice as long before each attempt, and gives up when so many in a row achieved nothing.</summary>
/// <remarks>
/// No driver does this; the field's reports of workers that start over for ever are why it is here. Thread-safe: immutable. Allocates nothing. Settings:
/// <c>without-progress</c> (16), <c>first-us</c> (1), <c>longest-us</c> (10000).
/// </remarks>
public sealed class BackOffBudget : IRetryBudget
{
    private readonly int _max;
    private readonly long _first;
    private readonly long _longest;

    /// <summary>Makes one.</summary>
    /// <param name="max">Attempts in a row without progress, at least 1.</param>
    /// <param name="first">The first wait in nanoseconds.</param>
    /// <param name="longest">The longest wait in nanoseconds, at least the first.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public BackOffBudget(int max = 16, long first = 1_000, long longest = 10_000_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, first);
        _max = max;
        _first = first;
        _longest = longest;
    }

    /// <inheritdoc/>
    public RetryDecision Decide(in RetryQuery query)
    {
        if (query.AttemptsWithoutProgress >= _max)
        {
            return new RetryDecision(false, 0, new Reason("no-progress", new("attempts", query.AttemptsWithoutProgress), new("max", _max)));
        }

        int doublings = Math.Min(Math.Max(query.AttemptsWithoutProgress - 1, 0), 40);
        long wait = _first > _longest >> doublings ? _longest : _first << doublings;
        return new RetryDecision(true, wait, new Reason("back-off", new("attempts", query.AttemptsWithoutProgress), new("wait", wait)));
    }
}
