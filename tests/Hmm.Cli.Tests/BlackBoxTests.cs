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
    public void WrongUsageIs64AndOneLine(params string[] arguments)
    {
        CommandOutcome outcome = HmmProcess.Run(arguments);
        Assert.Equal(64, outcome.Code);
        Assert.Equal("", outcome.Output);
        Assert.StartsWith("hmm: ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(outcome.Error.Length - 1, outcome.Error.IndexOf('\n', StringComparison.Ordinal));
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
            "{\"schema\":\"hmm.test/1\",\"machine\":\"sim\",\"files\":0,\"passed\":0,\"failed\":0,\"skipped\":0,\"failures\":[]}\n",
            outcome.Output);
    }
}
