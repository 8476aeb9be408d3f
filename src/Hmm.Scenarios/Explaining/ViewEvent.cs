using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>The view of live memory was filled, or who waits for it was woken.</summary>
/// <param name="Process">The process.</param>
/// <param name="Range">The pages.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
/// <param name="Call">What was done.</param>
/// <param name="IsWriteProtected">Whether pages are shown without the right to write to them.</param>
/// <param name="Error">The name of the error number; empty if it was done.</param>
/// <param name="Cause">Of poison: the name of the error because of which the page cannot be had; empty if memory is out, or has failed.</param>
public sealed record ViewEvent(
    string Process, VirtualRange Range, int Depth, ViewCall Call, bool IsWriteProtected, string Error, string Cause)
    : TraceEvent(Process, Range, Depth)
{
    internal override TraceEvent? Join(TraceEvent next) =>
        next is ViewEvent && IsFollowedBy(next) && next with { Range = Range } == this ? this with { Range = RangeWith(next) } : null;
}
