using Hmm.Core.Addressing;
using Hmm.Core.Faults;

namespace Hmm.Scenarios.Explaining;

/// <summary>A touch of live memory came as a userfaultfd message; whoever touched sleeps until it is served.</summary>
/// <param name="Process">The process.</param>
/// <param name="Range">The page.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
/// <param name="Cause">Why, as the kernel tells it.</param>
/// <param name="IsWrite">Whether for writing.</param>
/// <param name="Signal">What the touch raises in the end.</param>
public sealed record MessageEvent(string Process, VirtualRange Range, int Depth, MessageCause Cause, bool IsWrite, CpuSignal Signal)
    : TraceEvent(Process, Range, Depth)
{
    internal override TraceEvent? Join(TraceEvent next) =>
        next is MessageEvent && IsFollowedBy(next) && next with { Range = Range } == this ? this with { Range = RangeWith(next) } : null;
}
