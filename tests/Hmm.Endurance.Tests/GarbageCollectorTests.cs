using System;

namespace Hmm.Endurance.Tests;

/// <summary>The hazard of page faults served for managed code, and that the pager does not have it.</summary>
public sealed class GarbageCollectorTests
{
    private const int Faults = 100_000;

    [PagerTheory]
    [InlineData(AccessKind.SmallMethod)]
    [InlineData(AccessKind.LoopWithCalls)]
    [InlineData(AccessKind.LoopWithoutCalls)]
    [InlineData(AccessKind.SpanCopy)]
    [InlineData(AccessKind.SpanFill)]
    [InlineData(AccessKind.Interlocked)]
    [InlineData(AccessKind.NativeCall)]
    [InlineData(AccessKind.NativeCallWithoutTransition)]
    public void ManagedCodeTouchesLiveMemoryWhileCollectionsStormAndNothingStalls(AccessKind kind)
    {
        ChildResult child = Child.Run(TimeSpan.FromSeconds(60), "hazard", $"{kind}", $"{Faults}");
        Assert.True(child.ExitCode == 0, $"{kind}: {child}");
    }

    [PagerFact]
    public void TheSameTouchesHangWhereTheHandlerBelongsToTheSameRuntime()
    {
        ChildResult child = Child.Run(TimeSpan.FromSeconds(15), "control", $"{Faults}");
        Assert.True(child.HasTimedOut && child.Output.Contains("touching", StringComparison.Ordinal), $"The control did not hang: {child}");
    }
}
