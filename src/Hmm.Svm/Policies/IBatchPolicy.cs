namespace Hmm.Svm.Policies;

/// <summary>Decides how many faults a batch takes, and when a service call ends.</summary>
/// <remarks>Called by one thread at a time. Must not allocate.</remarks>
public interface IBatchPolicy
{
    /// <summary>Decides about the next batch.</summary>
    /// <param name="query">Where the service is.</param>
    /// <returns>The decision.</returns>
    BatchDecision Next(in BatchQuery query);
}
