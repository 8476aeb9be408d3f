using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>The RAM limit of live memory moved pages out that nobody had touched lately.</summary>
/// <param name="Process">The process.</param>
/// <param name="Range">The pages that were looked at.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
/// <param name="MovedCount">How many pages left.</param>
public sealed record EvictionEvent(string Process, VirtualRange Range, int Depth, long MovedCount) : TraceEvent(Process, Range, Depth)
{
    internal override TraceEvent? Join(TraceEvent next) =>
        next is EvictionEvent other && IsFollowedBy(next) && other with { Range = Range, MovedCount = MovedCount } == this
            ? this with { Range = RangeWith(next), MovedCount = MovedCount + other.MovedCount }
            : null;
}
