using Hmm.Core.Addressing;
using Hmm.Core.Faults;

namespace Hmm.Scenarios.Explaining;

/// <summary>A page fault.</summary>
/// <param name="Process">The process.</param>
/// <param name="Range">The page.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
/// <param name="IsWrite">Whether for writing.</param>
/// <param name="IsRemote">Whether for a device or a pin and not for the CPU.</param>
/// <param name="Device">The device that asked; null for the CPU and for pins.</param>
/// <param name="Before">The entry that the fault found, without its frame.</param>
/// <param name="After">The entry that it left, without its frame.</param>
/// <param name="Result">How it ended.</param>
public sealed record FaultEvent(
    string Process, VirtualRange Range, int Depth, bool IsWrite, bool IsRemote, int? Device, EntryState Before, EntryState After,
    VmFaultResult Result)
    : TraceEvent(Process, Range, Depth)
{
    /// <summary>Whether the end of it was lost, for want of room for events; <see cref="After"/> and <see cref="Result"/> mean nothing then.</summary>
    public bool IsCut { get; init; }

    internal override TraceEvent? Join(TraceEvent next) =>
        next is FaultEvent && IsFollowedBy(next) && next with { Range = Range } == this ? this with { Range = RangeWith(next) } : null;
}
