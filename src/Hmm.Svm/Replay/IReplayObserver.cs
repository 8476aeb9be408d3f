using Hmm.Svm.Policies;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Replay;

/// <summary>Is told what happens in a run: for heat maps, time lines and explanations.</summary>
/// <remarks>Called on the thread that runs, in order of modelled time; must not call back. Every member does nothing unless it is implemented.</remarks>
public interface IReplayObserver
{
    /// <summary>Whether <see cref="Accessed"/> is wanted; it costs time for every access. Read once, when the run begins.</summary>
    bool WantsAccesses => false;

    /// <summary>Whether <see cref="Decided"/> is wanted. Read once, when the run begins.</summary>
    bool WantsDecisions => false;

    /// <summary>An access has succeeded.</summary>
    /// <param name="access">The access.</param>
    /// <param name="time">Modelled time in nanoseconds.</param>
    void Accessed(in PageAccess access, long time)
    {
    }

    /// <summary>A fault happened, on a device or on the CPU.</summary>
    /// <param name="fault">The fault.</param>
    void Faulted(in FaultRecord fault)
    {
    }

    /// <summary>Pages of one block moved, were populated, evicted or unmapped.</summary>
    /// <param name="change">What happened.</param>
    void Moved(in ResidencyEvent change)
    {
    }

    /// <summary>A batch has been served.</summary>
    /// <param name="batch">The batch.</param>
    void BatchServed(in BatchRecord batch)
    {
    }

    /// <summary>A fault was cancelled.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="reason">Why.</param>
    void Cancelled(in FaultRecord fault, in Reason reason)
    {
    }

    /// <summary>A policy decided.</summary>
    /// <param name="place">Where and when.</param>
    /// <param name="reason">The rule that fired, and its inputs.</param>
    void Decided(in DecisionPlace place, in Reason reason)
    {
    }
}
