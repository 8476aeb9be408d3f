namespace Hmm.Svm.Policies;

/// <summary>A device's service is about to fetch, or to stop.</summary>
public struct BatchQuery
{
    /// <summary>The device's agent number.</summary>
    public int Device { get; set; }

    /// <summary>Entries that wait in the fault buffer.</summary>
    public int Pending { get; set; }

    /// <summary>Entries that the fault buffer holds at most.</summary>
    public int Capacity { get; set; }

    /// <summary>Batches done in this service call.</summary>
    public int BatchesDone { get; set; }

    /// <summary>How many of them throttled something.</summary>
    public int ThrottledBatches { get; set; }

    /// <summary>Modelled time since this service call began, in nanoseconds.</summary>
    public long Elapsed { get; set; }
}
