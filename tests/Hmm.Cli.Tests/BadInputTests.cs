using System;
using System.Diagnostics;
using System.IO;
using System.Text.Json;

namespace Hmm.Cli.Tests;

/// <summary>Whatever a user names, it ends with a sentence and the right exit code, and no file is lost.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Saxpy = "saxpy:size=256KiB,rounds=1";
    private const string Rows = "time,agent,op,address,size\n0,cpu,write,0x10000000,65536\n";

    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnImportDoesNotReplaceTheTextThatItReads()
    {
        string text = _folder.Add("a.csv", Rows);
        string link = Path.Combine(_folder.Path, "link.csv");
        File.CreateSymbolicLink(link, text);
        foreach (string output in new[] { text, Path.Combine(_folder.Path, ".", "a.csv"), link })
        {
            CommandOutcome outcome = Run("trace", "import", text, "-o", output);
            Assert.Equal(64, outcome.Code);
            Assert.Contains("would replace the file that it is made of", outcome.Error, StringComparison.Ordinal);
        }

        Assert.Equal(Rows, File.ReadAllText(text));
    }

    [Theory]
    [InlineData("--html")]
    [InlineData("--picture")]
    public void AReportDoesNotReplaceTheTraceThatItIsAbout(string option)
    {
        string trace = Path.Combine(_folder.Path, "a.hmmt");
        Run("trace", "import", _folder.Add("a.csv", Rows), "-o", trace);
        byte[] before = File.ReadAllBytes(trace);
        CommandOutcome outcome = Run("replay", trace, option, trace);
        Assert.Equal((64, ""), (outcome.Code, outcome.Output));
        Assert.Equal(before, File.ReadAllBytes(trace));
    }

    [Fact]
    public void ATraceIsNotImportedAgain()
    {
        string trace = Path.Combine(_folder.Path, "a.hmmt");
        Run("trace", "import", _folder.Add("a.csv", Rows), "-o", trace);
        CommandOutcome outcome = Run("trace", "import", trace, "-o", Path.Combine(_folder.Path, "b.hmmt"));
        Assert.Equal(74, outcome.Code);
        Assert.Contains("this is a trace already", outcome.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "b.hmmt")));
    }

    [Fact]
    public void WhatFollowsTheEndOfATraceIsSaid()
    {
        string trace = Path.Combine(_folder.Path, "a.hmmt");
        Run("trace", "import", _folder.Add("a.csv", Rows), "-o", trace);
        long end = new FileInfo(trace).Length;
        File.AppendAllText(trace, "more");
        CommandOutcome outcome = Run("replay", trace);
        Assert.Contains($"a.hmmt:{end}: the trace ends here", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("uvm", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ALimitOfExplanationsNeedsExplanations()
    {
        CommandOutcome outcome = Run("replay", Saxpy, "--explain-limit", "5");
        Assert.Equal((64, ""), (outcome.Code, outcome.Output));
        Assert.Contains("--explain-limit says how much --explain tells", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoReportsDoNotGoIntoOneFile()
    {
        string file = Path.Combine(_folder.Path, "report");
        Assert.Equal(64, Run("replay", Saxpy, "--html", file, "--picture", file).Code);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void ATraceKeepsItsContentsUntilTheNextOneIsWhole()
    {
        string trace = _folder.Add("a.hmmt", "what was there");
        Assert.Equal(74, Run("trace", "import", _folder.Add("bad.csv", "0,cpu,glance,0,1\n"), "-o", trace).Code);
        Assert.Equal("what was there", File.ReadAllText(trace));
        Assert.Equal(0, Run("trace", "record", "--workload", Saxpy, "-o", trace).Code);
        Assert.Equal(0, Run("trace", "info", trace).Code);
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), file => file.EndsWith(".part", StringComparison.Ordinal));
    }

    [Fact]
    public void AnswersAreWrittenThroughALinkThatIsNamedWithoutAFolder()
    {
        string scenario = _folder.Add("s.hmm", "map a anon 1\n");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "link.hmm"), "s.hmm");
        Assert.Equal(0, Shell("exec \"$0\" \"$1\" record link.hmm"));
        Assert.Equal("map a anon 1\n= ok\n", File.ReadAllText(scenario));
        Assert.NotNull(File.ResolveLinkTarget(Path.Combine(_folder.Path, "link.hmm"), returnFinalTarget: false));
    }

    [Fact]
    public void AnswersAreNotWrittenIntoAPipeAndNobodyWaitsForIt()
    {
        Assert.Equal(74, Shell("mkfifo pipe.hmm && exec \"$0\" \"$1\" record pipe.hmm"));
        CommandOutcome outcome = Run("record", "");
        Assert.Equal((74, ": no file has an empty name\n"), (outcome.Code, outcome.Error));
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    public void WhereStderrTakesNothingTheExitCodeStillSaysIt(string redirection) =>
        Assert.Equal(74, Shell($"exec \"$0\" \"$1\" run missing.hmm {redirection}"));

    [Theory]
    [InlineData("--in-flight", "0", "must lie between 1 and")]
    [InlineData("--in-flight", "2000000000", "must lie between 1 and")]
    [InlineData("--explain-limit", "-1", "must lie between 0 and")]
    [InlineData("--devices", "x", "'x' is not a number for --devices.")]
    public void ANumberOutOfBoundsIsRefusedWithASentence(string option, string value, string sentence)
    {
        CommandOutcome outcome = Run("replay", Saxpy, option, value);
        Assert.Equal((64, ""), (outcome.Code, outcome.Output));
        Assert.Contains(sentence, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1,")]
    [InlineData("{\"name\":\"x\",\"constants\":{\"map\":{\"ns\":1e999,\"source\":\"here\"}}}")]
    public void ACostFileThatIsNoneIsNamed(string text)
    {
        string file = _folder.Add("costs.json", text);
        CommandOutcome outcome = Run("replay", Saxpy, "--costs", file);
        Assert.Equal((74, ""), (outcome.Code, outcome.Output));
        Assert.StartsWith($"hmm: {file}: ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("dictionary", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ACostFileWithoutAnEndIsNotReadToIt() => Assert.Equal(74, Run("replay", Saxpy, "--costs", "/dev/zero").Code);

    [Theory]
    [InlineData("", "Say which class of")]
    [InlineData("Nothing", "has no type 'Nothing'")]
    [InlineData("Hmm.Cli.Tests.RefusingUnit", "no licence")]
    public void APolicyThatCannotBeMadeEndsWithASentence(string type, string sentence)
    {
        CommandOutcome outcome = Run("replay", Saxpy, "--policy", $"eviction={typeof(RefusingUnit).Assembly.Location}:{type}");
        Assert.Equal((64, ""), (outcome.Code, outcome.Output));
        Assert.Contains(sentence, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void APolicyThatFailsInARunIsNamed()
    {
        string assembly = typeof(FailingUnit).Assembly.Location;
        CommandOutcome outcome = Run("replay", "saxpy:size=4MiB,rounds=2", "--device-memory", "50%", "--policy", $"eviction={assembly}:{typeof(FailingUnit).FullName}");
        Assert.Equal(
            (64, "hmm: The policy 'Hmm.Cli.Tests.FailingUnit' failed in a run: InvalidOperationException: oh no\n"), (outcome.Code, outcome.Error));
    }

    [Fact]
    public void APolicyOfOnesOwnCanBeRunWithSeveralSettings()
    {
        string policy = $"eviction={typeof(FirstUnit).Assembly.Location}:{typeof(FirstUnit).FullName}";
        CommandOutcome outcome = Run("replay", Saxpy, "--policy", policy + ":start=0", policy + ":start=1", "--format", "csv");
        Assert.Equal((0, 3), (outcome.Code, outcome.Output.TrimEnd().Split('\n').Length));
    }

    [Fact]
    public void WhatIsNoFileOfAWorkloadOrATraceIsSaid()
    {
        Assert.Equal(64, Run("replay", "spmv:file=").Code);
        Assert.Equal(64, Run("replay", "-").Code);
        Assert.Equal($"hmm: {_folder.Path}: it is a folder\n", Run("trace", "info", _folder.Path).Error);
        Assert.Equal($"hmm: {_folder.Path}/no/a: it cannot be written: its folder is not there\n", Run("trace", "record", "--workload", Saxpy, "-o", _folder.Path + "/no/a").Error);
    }

    [Fact]
    public void TheListOfNamesHasADocumentAndRows()
    {
        using JsonDocument document = JsonDocument.Parse(Run("replay", "--list", "--format", "json").Output);
        Assert.Equal("hmm.replay-list/1", document.RootElement.GetProperty("schema").GetString());
        Assert.Contains(document.RootElement.GetProperty("entries").EnumerateArray(), entry => entry.GetProperty("name").GetString() == "kfd");
        string[] rows = Run("replay", "--list", "--format", "csv").Output.TrimEnd().Split('\n');
        Assert.Equal("section,name,summary,settings", rows[0]);
        Assert.Equal(document.RootElement.GetProperty("entries").GetArrayLength(), rows.Length - 1);
    }

    /// <summary>Runs the built command by a shell in the folder; $0 and $1 are the command.</summary>
    private int Shell(string script)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = _folder.Path, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-c", script, "dotnet", Path.Combine(AppContext.BaseDirectory, "Hmm.Cli.dll")])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("/bin/sh does not start.");
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private static CommandOutcome Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = HmmApplication.Run(arguments, output, error);
        return new CommandOutcome(code, output.ToString(), error.ToString());
    }
}
