namespace Hmm.Svm.Policies;

/// <summary>An attempt failed; shall there be another?</summary>
public struct RetryQuery
{
    /// <summary>Why it failed.</summary>
    public RetryCause Cause { get; set; }

    /// <summary>Attempts so far, at least 1.</summary>
    public int Attempts { get; set; }

    /// <summary>Attempts since something was achieved.</summary>
    public int AttemptsWithoutProgress { get; set; }

    /// <summary>Modelled time since the first attempt, in nanoseconds.</summary>
    public long Elapsed { get; set; }

    /// <summary>The strongest access that waits.</summary>
    public Traces.AccessKind Kind { get; set; }
}
