using System;
using System.Linq;
using Hmm.Simulation.Stress;

namespace Hmm.Simulation.Tests.Stress;

/// <summary>A seed replays what each thread decides.</summary>
public sealed class StressGeneratorTests
{
    [Fact]
    public void TheSameSeedGivesTheSameDecisions() => Assert.Equal(Decisions(7, 2), Decisions(7, 2));

    [Fact]
    public void AnotherSeedOrThreadDecidesOtherwise()
    {
        Assert.NotEqual(Decisions(7, 2), Decisions(8, 2));
        Assert.NotEqual(Decisions(7, 2), Decisions(7, 3));
    }

    [Fact]
    public void EveryOperationComes() =>
        Assert.Equal(Enum.GetValues<StressOperation>(), Decisions(1, 0).Select(decision => decision.Operation).Distinct().Order());

    private static StressDecision[] Decisions(int seed, int thread)
    {
        StressGenerator generator = new(seed, thread);
        return [.. Enumerable.Range(0, 5000).Select(_ => generator.Next())];
    }
}
