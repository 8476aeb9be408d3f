namespace Hmm.Svm.Policies;

/// <summary>Whether to try again.</summary>
/// <param name="MayRetry">Whether there is another attempt. The service has a bound of its own beyond which it never goes.</param>
/// <param name="BackOff">Modelled time to wait first, in nanoseconds.</param>
/// <param name="Reason">Why.</param>
public readonly record struct RetryDecision(bool MayRetry, long BackOff, Reason Reason);
