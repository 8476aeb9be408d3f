namespace Hmm.Svm.Traces;

/// <summary>One agent accesses consecutive pages.</summary>
/// <param name="Agent">Who: <see cref="Agents.Cpu"/>, or a device from <see cref="Agents.FirstDevice"/> on.</param>
/// <param name="Kind">What it wants.</param>
/// <param name="PageNumber">First page: address divided by 4096.</param>
/// <param name="Pages">How many pages, at least 1.</param>
/// <param name="Time">When, in nanoseconds since the trace began; never falling within a trace. 0 throughout if the trace has no times.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct PageAccess(int Agent, AccessKind Kind, ulong PageNumber, uint Pages, long Time)
{
    /// <summary>The latest time that can be replayed: 104 days. Up to it modelled time counts every nanosecond.</summary>
    public const long TimeMax = 1L << 53;
}
