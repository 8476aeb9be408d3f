namespace Hmm.Svm.Profiles;

/// <summary>How the device learns that a fault was served.</summary>
public enum ReplyModel
{
    /// <summary>One replay makes all stalled accesses try again.</summary>
    Replay,

    /// <summary>Each fault is acknowledged by itself.</summary>
    Acknowledge,

    /// <summary>The device tries again by itself until it succeeds, and repeats the fault meanwhile.</summary>
    DeviceRetries,
}
