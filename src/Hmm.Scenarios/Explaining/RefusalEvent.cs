using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>A page did not move, or was not given to a device exclusively. The note says why.</summary>
/// <param name="Process">The process; empty for an eviction by frame whose page no table showed.</param>
/// <param name="Range">The page; empty if unknown.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
/// <param name="IsExclusive">Whether exclusive access was refused, and not a migration.</param>
/// <param name="Reason">The engine's name of the reason.</param>
public sealed record RefusalEvent(string Process, VirtualRange Range, int Depth, bool IsExclusive, string Reason)
    : TraceEvent(Process, Range, Depth)
{
    internal override TraceEvent? Join(TraceEvent next) =>
        next is RefusalEvent && IsFollowedBy(next) && next with { Range = Range } == this ? this with { Range = RangeWith(next) } : null;
}
