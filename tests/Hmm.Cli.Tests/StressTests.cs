using System;
using System.Linq;
using System.Text.Json;

namespace Hmm.Cli.Tests;

/// <summary><c>hmm stress</c> from outside, on both machines.</summary>
public sealed class StressTests
{
    [Theory]
    [InlineData("sim", "cpu-read")]
    [InlineData("live", "copy-out")]
    public void BothMachinesWriteTheSameForm(string machine, string operation)
    {
        CommandOutcome outcome = HmmProcess.Run("stress", "--machine", machine, "--seconds", "1", "--seed", "7", "--format", "json");
        if (machine == "live" && Environment.GetEnvironmentVariable("CI") != "true" && HmmProcess.Run("doctor").Code == 3)
        {
            // A host without live memory says so; CI must have it.
            Assert.Equal((3, ""), (outcome.Code, outcome.Output));
            return;
        }

        Assert.True(outcome.Code == 0, outcome.Output + outcome.Error);
        using var document = JsonDocument.Parse(outcome.Output);
        JsonElement root = document.RootElement;
        Assert.Equal("hmm.stress/1", root.GetProperty("schema").GetString());
        Assert.Equal(machine, root.GetProperty("machine").GetString());
        Assert.Equal("clean", root.GetProperty("result").GetString());
        Assert.Equal(7, root.GetProperty("seed").GetInt32());
        Assert.Equal("none", root.GetProperty("bug").GetString());
        Assert.True(root.GetProperty("operations_per_second").GetDouble() > 0);
        Assert.Contains(root.GetProperty("operations").EnumerateArray(), rate => rate.GetProperty("kind").GetString() == operation);
        Assert.All(root.GetProperty("locks").EnumerateArray(), waits => Assert.True(waits.GetProperty("count").GetInt64() > 0));
        Assert.Empty(root.GetProperty("violations").EnumerateArray());
        Assert.Equal(machine == "live", root.GetProperty("notes").EnumerateArray().Any());
        string replay = root.GetProperty("replay").GetString()!;
        Assert.StartsWith(machine == "live" ? "hmm stress --machine live --seconds 1 " : "hmm stress --seconds 1 ", replay, StringComparison.Ordinal);
        Assert.EndsWith(" --seed 7", replay, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sim", "no-flush", "hmm: the sim machine has no mistake 'no-flush' to plant; it has skip-retry, no-lock-in-callback, remove-does-not-wait, sequence-outside-loop, no-release-barrier. Try 'hmm stress --help'.")]
    [InlineData("live", "skip-retry", "hmm: the live machine has no mistake 'skip-retry' to plant; it has no-flush, no-sequence. Try 'hmm stress --help'.")]
    public void AMistakeThatOnlyTheOtherMachineHasIsRefused(string machine, string bug, string complaint) =>
        Assert.Equal((64, "", complaint + "\n"), Parts(HmmProcess.Run("stress", "--machine", machine, "--bug", bug)));

    [Fact]
    public void AMistakeInLiveMemoryNeedsTwoThreadsToo() =>
        Assert.Equal(64, HmmProcess.Run("stress", "--machine", "live", "--bug", "no-flush", "--threads", "1").Code);

    [Fact]
    public void WithoutThePagerLiveStressSaysSoAndTheCodeIs3()
    {
        CommandOutcome outcome = HmmProcess.RunWith("HMM_PAGER", "/nowhere/libhmm_pager.so", "stress", "--machine", "live", "--seconds", "1");
        Assert.Equal((3, ""), (outcome.Code, outcome.Output));
        Assert.Contains("The pager's library /nowhere/libhmm_pager.so is not there.", outcome.Error, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Parts(CommandOutcome outcome) => (outcome.Code, outcome.Output, outcome.Error);
}
