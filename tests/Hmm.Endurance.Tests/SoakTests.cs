using System;

namespace Hmm.Endurance.Tests;

/// <summary>Memory of eight times the RAM limit under everything at once.</summary>
public sealed class SoakTests
{
    [PagerFact]
    public void EveryByteIsRightAndTheLimitHoldsWhileThreadsReadAndWriteAndPagesAreMovedFromOutside()
    {
        int seconds = Host.IsCi ? 60 : 10;
        int seed = Environment.TickCount;
        ChildResult child = Child.Run(TimeSpan.FromSeconds(seconds + 120), "soak", $"{seconds}", $"{seed}");
        Assert.True(child.ExitCode == 0, $"seed {seed}: {child}");
    }
}
