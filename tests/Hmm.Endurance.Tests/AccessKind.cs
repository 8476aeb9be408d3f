namespace Hmm.Endurance.Tests;

/// <summary>The ways in which .NET code touches memory, each of which the runtime stops in its own manner.</summary>
public enum AccessKind
{
    /// <summary>A load through a pointer in a small method.</summary>
    SmallMethod,

    /// <summary>A loop that also calls a method.</summary>
    LoopWithCalls,

    /// <summary>A loop without calls.</summary>
    LoopWithoutCalls,

    /// <summary>Span.CopyTo over several pages.</summary>
    SpanCopy,

    /// <summary>Span.Fill.</summary>
    SpanFill,

    /// <summary>An interlocked operation.</summary>
    Interlocked,

    /// <summary>A native function, the ordinary way: the thread counts as stopped meanwhile.</summary>
    NativeCall,

    /// <summary>A native function without a transition: it does not.</summary>
    NativeCallWithoutTransition,
}
