namespace Hmm.Svm.Policies.Batching;

/// <summary>A batch is all that waits.</summary>
/// <remarks>Thread-safe: immutable. Allocates nothing. Source: nouveau's worker reads the whole ring.</remarks>
public sealed class RingBatch : IBatchPolicy
{
    /// <inheritdoc/>
    public BatchDecision Next(in BatchQuery query) =>
        new(query.Pending, new Reason(query.Pending == 0 ? "ring-empty" : "whole-ring", new("pending", query.Pending)));
}
