using System;

namespace Hmm.Svm.Policies.Replaying;

/// <summary>NVIDIA UVM's four ways to replay, of which <see cref="ReplayWhen.Once"/> is also nouveau's.</summary>
/// <remarks>
/// Emptying the buffer throws entries away that fault again if they still matter. If more than <c>put-ratio</c> percent of a batch were duplicates, PUT is
/// read anew first, so that duplicates that came meanwhile go as well. Thread-safe: immutable. Allocates nothing. Setting: <c>put-ratio</c> (50).
/// </remarks>
public sealed class FaultReplay : IReplayPolicy
{
    private readonly ReplayWhen _when;
    private readonly int _putRatio;

    /// <summary>Makes one.</summary>
    /// <param name="when">When to replay.</param>
    /// <param name="putRatio">Percent of duplicates above which PUT is read anew, 0 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is out of range.</exception>
    public FaultReplay(ReplayWhen when, int putRatio = 50)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)putRatio, 100u, nameof(putRatio));
        _when = when;
        _putRatio = putRatio;
    }

    /// <inheritdoc/>
    public ReplayDecision Decide(in ReplayQuery query) => query.Moment switch
    {
        ReplayMoment.AfterBlock => Plain(_when == ReplayWhen.Block, "after-block", query),
        ReplayMoment.AfterBatch when _when == ReplayWhen.BatchFlush => Flush(query),
        ReplayMoment.AfterBatch => Plain(_when == ReplayWhen.Batch, "after-batch", query),
        _ => Plain(query.Unreplayed > 0 || query.ReplaysDone == 0, "at-end", query),
    };

    private static ReplayDecision Plain(bool replays, string rule, in ReplayQuery query) => replays
        ? new ReplayDecision(ReplayAction.Replay, new Reason(rule, new("unreplayed", query.Unreplayed), new("replays", query.ReplaysDone)))
        : new ReplayDecision(ReplayAction.None, new Reason("not-yet", new("unreplayed", query.Unreplayed)));

    private ReplayDecision Flush(in ReplayQuery query)
    {
        bool updates = query.Duplicates * 100L > query.BatchEntries * (long)_putRatio;
        return new ReplayDecision(
            updates ? ReplayAction.UpdateFlushAndReplay : ReplayAction.FlushAndReplay,
            new Reason(updates ? "flush-with-new-put" : "flush", new("duplicates", query.Duplicates), new("entries", query.BatchEntries), new("put-ratio", _putRatio)));
    }
}
