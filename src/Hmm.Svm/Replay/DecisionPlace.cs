namespace Hmm.Svm.Replay;

/// <summary>Where and when a decision was made.</summary>
/// <param name="Kind">Kind of policy: "prefetch", "thrash", "eviction", "placement", "batch", "replay", "retry".</param>
/// <param name="Agent">The device it was made for.</param>
/// <param name="Space">Which address space.</param>
/// <param name="Page">The page or the first page of the block: address divided by 4096; 0 where there is none.</param>
/// <param name="Time">Modelled time in nanoseconds.</param>
public readonly record struct DecisionPlace(string Kind, int Agent, int Space, ulong Page, long Time);
