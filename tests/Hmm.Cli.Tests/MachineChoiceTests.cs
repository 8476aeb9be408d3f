using System;
using System.IO;
using System.Text.Json;

namespace Hmm.Cli.Tests;

/// <summary><c>hmm run --machine auto</c>: live memory if it can be, the simulated machine otherwise, and never without a word.</summary>
public sealed class MachineChoiceTests : IDisposable
{
    private const string Plain = "map a anon 2\nstore a 7\ndev0 migrate a\nload a\n";

    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LiveFact]
    public void WhatLiveMemoryTakesRunsThere()
    {
        CommandOutcome outcome = HmmProcess.Run("run", "--machine", "auto", "--format", "json", _folder.Add("a.hmm", Plain));
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Equal("live", MachineOf(outcome));
    }

    [LiveFact]
    public void OneWordThatItLacksSendsAllToTheSimulatedMachine()
    {
        string forks = _folder.Add("b.hmm", "map a anon 1\nfork c\n");
        CommandOutcome outcome = HmmProcess.Run("run", "--machine", "auto", "--format", "json", _folder.Add("a.hmm", Plain), forks);
        Assert.Equal(0, outcome.Code);
        Assert.Equal("sim", MachineOf(outcome));
        Assert.Equal($"hmm: live memory does not take the word 'fork' of {forks}, so the simulated machine runs this.\n", outcome.Error);
    }

    [Fact]
    public void AHostWithoutLiveMemoryFallsBackAndSaysWhy()
    {
        string path = _folder.Add("a.hmm", Plain);
        CommandOutcome outcome = HmmProcess.RunWith("HMM_PAGER", Path.Combine(_folder.Path, "none.so"), "run", "--machine", "auto", path);
        Assert.Equal((0, HmmProcess.Run("run", path).Output), (outcome.Code, outcome.Output));
        Assert.Matches("^hmm: no live memory here, so the simulated machine runs this\\. The pager's library .* is not there\\. .*\n$", outcome.Error);
    }

    private static string? MachineOf(CommandOutcome outcome)
    {
        using var document = JsonDocument.Parse(outcome.Output);
        return document.RootElement.GetProperty("machine").GetString();
    }
}
