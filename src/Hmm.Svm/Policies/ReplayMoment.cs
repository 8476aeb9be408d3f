namespace Hmm.Svm.Policies;

/// <summary>When a replay policy is asked.</summary>
public enum ReplayMoment
{
    /// <summary>One block of a batch has been served.</summary>
    AfterBlock,

    /// <summary>A batch has been served.</summary>
    AfterBatch,

    /// <summary>The service call ends.</summary>
    AtEnd,
}
