using System;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Hmm.Simulation.Tests.Properties;

/// <summary>Whatever a scenario does, the engine's invariants hold after each command, and nothing is left at the end.</summary>
/// <remarks>One run always has the same seed, another one a new seed each time, which a failure prints. More: HMM_PROPERTY_RUNS=N.</remarks>
public sealed class RandomScenarioTests
{
    private const int RunsDefault = 120;
    private const int CommandsMax = 24;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void InvariantsHoldAfterEveryCommand(bool isFixed) =>
        ForAll(ScenarioGenerator.Unlimited(CommandsMax), isFixed, scenario => CheckedRun.Run(scenario));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void InvariantsHoldWhereMemoryRunsOut(bool isFixed) =>
        ForAll(ScenarioGenerator.Limited(CommandsMax), isFixed, scenario => CheckedRun.Run(scenario));

    [Fact]
    public void TheSameScenarioGivesTheSameTranscript() =>
        ForAll(ScenarioGenerator.Limited(CommandsMax), isFixed: false, scenario => Assert.Equal(CheckedRun.Run(scenario), CheckedRun.Run(scenario)));

    private static void ForAll(Arbitrary<ScenarioCase> scenarios, bool isFixed, Action<ScenarioCase> body)
    {
        string? more = Environment.GetEnvironmentVariable("HMM_PROPERTY_RUNS");
        int runs = more == null ? RunsDefault : int.Parse(more, CultureInfo.InvariantCulture);
        Config config = Config.QuickThrowOnFailure.WithMaxTest(runs).WithQuietOnSuccess(true);
        if (isFixed)
        {
            config = config.WithReplay(new Replay(new Rnd(20200612), null));
        }

        Prop.ForAll(scenarios, body).Check(config);
    }
}
