namespace Hmm.Svm.Policies;

/// <summary>What to tell the device.</summary>
public enum ReplayAction
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>All stalled accesses try again.</summary>
    Replay,

    /// <summary>Empty the fault buffer up to the PUT that is known already, then replay; what was thrown away faults again.</summary>
    FlushAndReplay,

    /// <summary>Read PUT anew, empty the fault buffer up to it, then replay.</summary>
    UpdateFlushAndReplay,
}
