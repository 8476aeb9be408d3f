using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>The view of live memory forgot pages (MADV_DONTNEED): the next touch of each comes as a message.</summary>
/// <param name="Process">The process.</param>
/// <param name="Range">The pages.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
public sealed record FlushEvent(string Process, VirtualRange Range, int Depth) : TraceEvent(Process, Range, Depth)
{
    internal override TraceEvent? Join(TraceEvent next) =>
        next is FlushEvent && IsFollowedBy(next) && next with { Range = Range } == this ? this with { Range = RangeWith(next) } : null;
}
