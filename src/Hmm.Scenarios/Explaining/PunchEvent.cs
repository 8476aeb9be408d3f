using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>Pages were punched out of the memory file: their frames are free and take no RAM.</summary>
/// <param name="Process">The process; empty if no address is known.</param>
/// <param name="Range">The pages whose frames they were; empty if unknown.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
public sealed record PunchEvent(string Process, VirtualRange Range, int Depth) : TraceEvent(Process, Range, Depth)
{
    /// <summary>The frames.</summary>
    public FrameList Frames { get; private init; } = new();

    internal override TraceEvent? Join(TraceEvent next)
    {
        if (next is not PunchEvent other || !IsFollowedBy(next) || other with { Range = Range, Frames = Frames } != this)
        {
            return null;
        }

        PunchEvent joined = this with { Range = RangeWith(next), Frames = new FrameList() };
        joined.Frames.Add(Frames);
        joined.Frames.Add(other.Frames);
        return joined;
    }
}
