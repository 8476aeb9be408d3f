using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;

namespace Hmm.Scenarios.Explaining;

/// <summary>The mirrors of a process were told of a change.</summary>
/// <param name="Process">The process.</param>
/// <param name="Range">What is announced.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
/// <param name="Event">Why.</param>
/// <param name="Sequence">The notifier sequence while it lasts.</param>
/// <param name="Owner">The device on whose behalf; null for nobody's.</param>
public sealed record NotifierEvent(
    string Process, VirtualRange Range, int Depth, MmuNotifierEvent Event, ulong Sequence, int? Owner) : TraceEvent(Process, Range, Depth)
{
    /// <summary>The sequence of the last event, where several are shown as one.</summary>
    public ulong LastSequence { get; init; } = Sequence;

    internal override TraceEvent? Join(TraceEvent next) =>
        next is NotifierEvent other && IsFollowedBy(next)
            && other with { Range = Range, Sequence = Sequence, LastSequence = LastSequence } == this
            ? this with { Range = RangeWith(next), LastSequence = other.LastSequence }
            : null;
}
