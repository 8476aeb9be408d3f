namespace Hmm.Svm.Policies;

/// <summary>Decides when stalled accesses are tried again.</summary>
/// <remarks>Called by one thread at a time. Must not allocate. A service call that served anything replays at least once, whatever the policy says.</remarks>
public interface IReplayPolicy
{
    /// <summary>Decides.</summary>
    /// <param name="query">What was served.</param>
    /// <returns>The decision.</returns>
    ReplayDecision Decide(in ReplayQuery query);
}
