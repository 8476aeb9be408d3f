using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>Something that happened inside the engine while a command ran.</summary>
/// <param name="Process">The process it happened to; empty where the engine was asked by frame.</param>
/// <param name="Range">Where; empty if no address is known.</param>
/// <param name="Depth">How many faults, messages and evictions it is part of.</param>
public abstract record TraceEvent(string Process, VirtualRange Range, int Depth)
{
    /// <summary>A few words on why, for who learns; may be empty.</summary>
    public string Note { get; init; } = "";

    /// <summary>This event and the same one on the next pages as one; null if they differ.</summary>
    internal abstract TraceEvent? Join(TraceEvent next);

    /// <summary>Whether the other event's pages follow this one's.</summary>
    private protected bool IsFollowedBy(TraceEvent next) =>
        next.Range.Start == Range.End && (!next.Range.IsEmpty || Range.IsEmpty);

    private protected VirtualRange RangeWith(TraceEvent next) => new(Range.Start, next.Range.End);
}
