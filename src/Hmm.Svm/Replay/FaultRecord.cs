using Hmm.Svm.Traces;

namespace Hmm.Svm.Replay;

/// <summary>A fault.</summary>
/// <param name="Agent">Who faulted.</param>
/// <param name="Kind">What it wanted.</param>
/// <param name="Space">Which address space.</param>
/// <param name="Page">The page: address divided by 4096.</param>
/// <param name="Time">Modelled time in nanoseconds.</param>
public readonly record struct FaultRecord(int Agent, AccessKind Kind, int Space, ulong Page, long Time);
