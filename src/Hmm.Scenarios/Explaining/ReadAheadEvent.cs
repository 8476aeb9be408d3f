using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>A page of live memory that comes back brings its neighbours along, since the program runs through memory.</summary>
/// <param name="Process">The process.</param>
/// <param name="Range">The pages that are asked for, the touched one first.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
public sealed record ReadAheadEvent(string Process, VirtualRange Range, int Depth) : TraceEvent(Process, Range, Depth)
{
    internal override TraceEvent? Join(TraceEvent next) =>
        next is ReadAheadEvent && IsFollowedBy(next) && next with { Range = Range } == this ? this with { Range = RangeWith(next) } : null;
}
