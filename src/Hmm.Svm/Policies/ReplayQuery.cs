namespace Hmm.Svm.Policies;

/// <summary>Faults have been served: shall the device try again now?</summary>
public struct ReplayQuery
{
    /// <summary>The device's agent number.</summary>
    public int Device { get; set; }

    /// <summary>When this is asked.</summary>
    public ReplayMoment Moment { get; set; }

    /// <summary>Entries of the batch, duplicates included.</summary>
    public int BatchEntries { get; set; }

    /// <summary>Entries of the batch that found their page mapped already, or that another entry stood for.</summary>
    public int Duplicates { get; set; }

    /// <summary>Faults served and not replayed yet.</summary>
    public int Unreplayed { get; set; }

    /// <summary>Entries that wait in the fault buffer.</summary>
    public int Pending { get; set; }

    /// <summary>Replays issued in this service call.</summary>
    public int ReplaysDone { get; set; }
}
