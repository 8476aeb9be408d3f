using System;
using System.IO;

namespace Hmm.Cli.Tests;

/// <summary>The built program from outside: what needs no machine.</summary>
public sealed class BlackBoxTests : IDisposable
{
    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData]
    [InlineData("fly")]
    [InlineData("run")]
    [InlineData("run", "--bogus", "file")]
    [InlineData("run", "--machine", "abacus", "file")]
    [InlineData("run", "--memory", "4QiB", "file")]
    [InlineData("run", "--memory", "99999999999999999999", "file")]
    [InlineData("run", "--seed", "x", "file")]
    [InlineData("test", "--format", "xml", "file")]
    [InlineData("record", "a", "b")]
    [InlineData("run", "--memory", "4095", "file")]
    [InlineData("run", "--device-memory", "1", "file")]
    [InlineData("explain", "--only", "x", "file")]
    [InlineData("stress", "--seconds", "abc")]
    [InlineData("stress", "--seconds", "1,5")]
    [InlineData("stress", "--seconds", "0")]
    [InlineData("stress", "--threads", "abc")]
    [InlineData("stress", "--threads", "33")]
    [InlineData("stress", "--seed", "1.5")]
    [InlineData("stress", "--threads", "1", "--bug", "skip-retry")]
    [InlineData("stress", "--machine", "abacus")]
    [InlineData("stress", "--machine", "live", "--bug", "nonsense")]
    [InlineData("bench")]
    [InlineData("bench", "nonsense")]
    [InlineData("bench", "faults", "--format", "xml")]
    public void WrongUsageIs64AndOneLine(params string[] arguments)
    {
        CommandOutcome outcome = HmmProcess.Run(arguments);
        Assert.Equal(64, outcome.Code);
        Assert.Equal("", outcome.Output);
        Assert.StartsWith("hmm: ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(outcome.Error.Length - 1, outcome.Error.IndexOf('\n', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("hmm: 'fly' is not one of run, test, explain, record, bench, stress, doctor, trace, replay. Try 'hmm --help'.", "fly")]
    [InlineData("hmm: 'nonsense' is not one of range-fault, notifiers, faults, live, replay, shapes. Try 'hmm bench --help'.", "bench", "nonsense")]
    [InlineData("hmm: One of range-fault, notifiers, faults, live, replay, shapes is needed. Try 'hmm bench --help'.", "bench")]
    [InlineData("hmm: 'abc' is not a number for --seconds: write for instance 5 or 0.5. Try 'hmm stress --help'.", "stress", "--seconds", "abc")]
    [InlineData("hmm: '1,5' is not a number for --seconds: write for instance 5 or 0.5. Try 'hmm stress --help'.", "stress", "--seconds", "1,5")]
    [InlineData("hmm: 'abc' is not a whole number for --threads. Try 'hmm stress --help'.", "stress", "--threads", "abc")]
    [InlineData("hmm: --threads must lie between 1 and 32. Try 'hmm stress --help'.", "stress", "--threads", "0")]
    [InlineData("hmm: '1' is too little for --memory: a machine has at least one page, 4KiB. Try 'hmm run --help'.", "run", "--memory", "1", "-")]
    public void AComplaintNamesTheWordTheChoicesAndTheHelpOfItsCommand(string complaint, params string[] arguments) =>
        Assert.Equal(complaint + "\n", HmmProcess.Run(arguments).Error);

    [Fact]
    public void ALongWordIsCutInComplaints()
    {
        string word = new('x', 100_000);
        Assert.InRange(HmmProcess.Run("run", word).Error.Length, 100, 1000);
        Assert.InRange(HmmProcess.Run("stress", "--seconds", word).Error.Length, 100, 1000);
        Assert.InRange(HmmProcess.Run(word).Error.Length, 100, 1000);
    }

    [Fact]
    public void WhoStopsReadingStopsTheWorkQuietly()
    {
        string path = Path.Combine(_folder.Path, "long.hmm");
        File.WriteAllText(path, string.Concat(System.Linq.Enumerable.Repeat("# A comment that is copied to the transcript, again and again.\n", 100_000)));
        CommandOutcome outcome = HmmProcess.RunUntilFirstLine("run", path);
        Assert.Equal((74, ""), (outcome.Code, outcome.Error));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run", "--help")]
    [InlineData("test", "-h")]
    public void HelpIsDataAndCallsTheCommandByItsName(params string[] arguments)
    {
        CommandOutcome outcome = HmmProcess.Run(arguments);
        Assert.Equal(0, outcome.Code);
        Assert.Contains("  hmm ", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("", outcome.Error);
    }

    [Fact]
    public void TheVersionIsARelease() => Assert.Matches(@"^\d+\.\d+\.\d+\n$", HmmProcess.Run("--version").Output);

    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    public void AMissingFileIs74(string command)
    {
        CommandOutcome outcome = HmmProcess.Run(command, Path.Combine(_folder.Path, "none.hmm"));
        Assert.Equal(74, outcome.Code);
        Assert.Equal("", outcome.Output);
        Assert.Contains("none.hmm: no such file", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderIsNoScenario()
    {
        CommandOutcome outcome = HmmProcess.Run("run", _folder.Path);
        Assert.Equal(74, outcome.Code);
        Assert.Contains("'hmm test' takes folders", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ABinaryFileIs74()
    {
        string path = Path.Combine(_folder.Path, "binary.hmm");
        File.WriteAllBytes(path, [0xff, 0xfe, 0x00, 0x01]);
        Assert.Equal(74, HmmProcess.Run("run", path).Code);
        Assert.Equal(74, HmmProcess.Run("test", _folder.Path).Code);
    }

    [Fact]
    public void AnEmptyFolderIsInconclusive()
    {
        CommandOutcome outcome = HmmProcess.Run("test", _folder.Path);
        Assert.Equal(2, outcome.Code);
        Assert.Equal("0 files: 0 passed, 0 failed, 0 skipped\n", outcome.Output);
    }

    [Fact]
    public void TheJsonReportHasItsSchema()
    {
        CommandOutcome outcome = HmmProcess.Run("test", "--format", "json", _folder.Path);
        Assert.Equal(
            "{\"schema\":\"hmm.test/1\",\"version\":\"0.1.0\",\"machine\":\"sim\",\"files\":0,\"passed\":0,\"failed\":0,\"skipped\":0,\"failures\":[]}\n",
            outcome.Output);
    }
}
