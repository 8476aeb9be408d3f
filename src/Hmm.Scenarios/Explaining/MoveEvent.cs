using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>A page moved to another frame, or a hole was populated.</summary>
/// <param name="Process">The process; empty for an eviction by frame whose page no table showed.</param>
/// <param name="Range">The page; empty if unknown.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
/// <param name="SourceDevice">The device it came from; null for system memory.</param>
/// <param name="TargetDevice">The device it went to; null for system memory.</param>
public sealed record MoveEvent(string Process, VirtualRange Range, int Depth, int? SourceDevice, int? TargetDevice)
    : TraceEvent(Process, Range, Depth)
{
    /// <summary>The frames that were left; none if a hole was populated.</summary>
    public FrameList Source { get; private init; } = new();

    /// <summary>The frames that hold the pages now.</summary>
    public FrameList Target { get; private init; } = new();

    internal override TraceEvent? Join(TraceEvent next)
    {
        if (next is not MoveEvent other || !IsFollowedBy(next) || other.Source.IsEmpty != Source.IsEmpty
            || other with { Range = Range, Source = Source, Target = Target } != this)
        {
            return null;
        }

        MoveEvent joined = this with { Range = RangeWith(next), Source = new FrameList(), Target = new FrameList() };
        foreach (MoveEvent part in (MoveEvent[])[this, other])
        {
            joined.Source.Add(part.Source);
            joined.Target.Add(part.Target);
        }

        return joined;
    }
}
