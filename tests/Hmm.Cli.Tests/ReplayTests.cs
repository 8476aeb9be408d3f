using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Xml.Linq;

namespace Hmm.Cli.Tests;

/// <summary>Traces and workloads are replayed, alone and as a matrix.</summary>
public sealed class ReplayTests : IDisposable
{
    private const string Saxpy = "saxpy:size=256KiB,rounds=1";

    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AWorkloadComputesAndIsReported()
    {
        CommandOutcome outcome = Run("replay", Saxpy);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.StartsWith(Saxpy + ": saxpy of 32768 floats, 1 rounds", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("\nuvm, 2 MiB\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("modelled time", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AMatrixHasARowForEachConfiguration()
    {
        CommandOutcome outcome = Run(
            "replay", Saxpy, "--profile", "uvm", "gpusvm", "--device-memory", "2MiB,4MiB", "--policy", "eviction=lru-populated", "eviction=mru", "--format", "csv");
        Assert.Equal(0, outcome.Code);
        string[] lines = outcome.Output.TrimEnd().Split('\n');
        Assert.Equal(1 + (2 * 2 * 2), lines.Length);
        Assert.StartsWith("input,profile,device_memory,policies,costs,result,accesses,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"\"{Saxpy}\",uvm,2097152,eviction=lru-populated,titan-v,right,", lines[1], StringComparison.Ordinal);
        Assert.Single(lines.Select(line => line.Split(',').Length).Skip(1).Distinct());
    }

    [Fact]
    public void TheDocumentHasEverything()
    {
        using JsonDocument document = JsonDocument.Parse(Run("replay", Trace(), "--format", "json", "--explain").Output);
        Assert.Equal("hmm.replay/1", document.RootElement.GetProperty("schema").GetString());
        JsonElement run = document.RootElement.GetProperty("runs")[0];
        Assert.Equal(JsonValueKind.Null, run.GetProperty("result").ValueKind);
        JsonElement report = run.GetProperty("report");
        Assert.Equal("uvm", report.GetProperty("profile").GetString());
        Assert.True(report.GetProperty("device_faults").GetProperty("total").GetInt64() > 0);
        Assert.True(report.GetProperty("time").GetProperty("total").GetInt64() > 0);
        Assert.Equal(JsonValueKind.String, report.GetProperty("moves")[0].GetProperty("cause").ValueKind);
        Assert.NotEqual(0, run.GetProperty("decisions").GetArrayLength());
    }

    [Fact]
    public void ATruncatedTraceIsReplayedToWhereItIsGood()
    {
        string trace = Trace();
        File.WriteAllBytes(trace, File.ReadAllBytes(trace)[..^20]);
        CommandOutcome outcome = Run("replay", trace);
        Assert.Equal(0, outcome.Code);
        Assert.Matches(@":\d+: the trace is truncated here: \d+ accesses are good, the rest is missing\.\n$", outcome.Error);
    }

    [Fact]
    public void ADamagedTraceIs74WithItsOffset()
    {
        string trace = Trace();
        byte[] bytes = File.ReadAllBytes(trace);
        bytes[100] ^= 1;
        File.WriteAllBytes(trace, bytes);
        CommandOutcome outcome = Run("replay", trace);
        Assert.Equal(74, outcome.Code);
        Assert.Matches(@"s\.hmmt:\d+: the block's checksum is wrong", outcome.Error);
    }

    [Theory]
    [InlineData("No driver profile is called 'uvn'; did you mean 'uvm'?", "--profile", "uvn")]
    [InlineData("'3Q' is not a size for --device-memory", "--device-memory", "3Q")]
    [InlineData("'prefech' is not a kind of policy, as prefetch is in --policy prefetch=none; did you mean 'prefetch'?", "--policy", "prefech=none")]
    [InlineData("No prefetch policy is called 'nome'; did you mean 'none'?", "--policy", "prefetch=nome")]
    [InlineData("has no setting 'x'", "--policy", "prefetch=none:x=1")]
    [InlineData("No defect is called 'sticky-atomics'; did you mean 'sticky-atomic'?", "--defect", "sticky-atomics")]
    [InlineData("'titan' is no cost model, and no file; did you mean 'titan-v'?", "--costs", "titan")]
    [InlineData("There can be 1 to 31 --devices.", "--devices", "32")]
    [InlineData("--picture shows one run", "--picture", "x.svg", "--profile", "uvm", "kfd")]
    [InlineData("The device memory of 16384 bytes is smaller than one window of the profile 'uvm', 2097152 bytes.", "--device-memory", "16KiB")]
    public void WhatCannotBeIsASentence(string sentence, params string[] arguments)
    {
        CommandOutcome outcome = Run(["replay", Saxpy, .. arguments]);
        Assert.Equal(64, outcome.Code);
        Assert.Contains(sentence, outcome.Error, StringComparison.Ordinal);
        Assert.Equal("", outcome.Output);
        Assert.Equal(outcome.Error.Length - 1, outcome.Error.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public void AnUnknownInputIs74AndSaysWhatMayBeMeant()
    {
        CommandOutcome outcome = Run("replay", "saxpi");
        Assert.Equal(74, outcome.Code);
        Assert.Equal("hmm: saxpi: there is no such file, and no workload of this name; did you mean 'saxpy'?\n", outcome.Error);
    }

    [Fact]
    public void ExplainSaysWhichRulesFired()
    {
        CommandOutcome outcome = Run("replay", Saxpy, "--explain", "--explain-limit", "3");
        Assert.Equal(3, outcome.Output.Split('\n').Count(line => line.Contains(" µs dev0 ", StringComparison.Ordinal) && line.StartsWith(' ') && !line.Contains("times;", StringComparison.Ordinal)));
        Assert.Contains("rules that fired:\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void PageAndPictureAreWritten()
    {
        string page = Path.Combine(_folder.Path, "p.html"), picture = Path.Combine(_folder.Path, "p.svg");
        Assert.Equal(0, Run("replay", Saxpy, "--html", page, "--picture", picture).Code);
        XDocument.Load(page);
        Assert.Contains(XDocument.Load(picture).Descendants(), element => element.Name.LocalName == "text" && element.Value.StartsWith('y'));
    }

    [Fact]
    public void TheListNamesWhatThereIs()
    {
        string list = Run("replay", "--list").Output;
        foreach (string name in (string[])["saxpy", "uvm", "density", "sticky-atomic", "titan-v"])
        {
            Assert.Contains($"\n  {name}", list, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void APolicyFromAnAssemblyMustBeOne()
    {
        string assembly = typeof(ReplayTests).Assembly.Location;
        Assert.Contains("it must be a class that implements IEvictionPolicy", Run("replay", Saxpy, "--policy", $"eviction={assembly}:{typeof(ReplayTests).FullName}").Error, StringComparison.Ordinal);
        Assert.Contains("has no type 'No.Such'", Run("replay", Saxpy, "--policy", $"eviction={assembly}:No.Such").Error, StringComparison.Ordinal);
        Assert.Equal(74, Run("replay", Saxpy, "--policy", "eviction=none.dll:T").Code);
    }

    [Fact]
    public void APolicyFromAnAssemblyIsUsed()
    {
        string assembly = typeof(FirstUnit).Assembly.Location;
        CommandOutcome outcome = Run("replay", "saxpy:size=4MiB,rounds=1", "--device-memory", "2MiB", "--policy", $"eviction={assembly}:{typeof(FirstUnit).FullName}:start=0");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Contains("uvm, 2 MiB, eviction=FirstUnit:start=0\n", outcome.Output, StringComparison.Ordinal);
    }

    [LiveFact]
    public void LiveMemoryGivesTheSameReportAndWhatWasMeasured()
    {
        CommandOutcome simulated = Run("replay", Saxpy), live = Run("replay", Saxpy, "--machine", "live");
        Assert.Equal((0, ""), (live.Code, live.Error));
        string[] lines = live.Output.Split('\n');
        int measured = Array.FindIndex(lines, line => line.StartsWith("  measured ", StringComparison.Ordinal));
        Assert.Equal(simulated.Output.TrimEnd().Replace("\nuvm, 2 MiB\n", "\nuvm, 2 MiB, on live memory\n", StringComparison.Ordinal), string.Join('\n', lines[..measured]));
        Assert.Matches("^  measured       [1-9][0-9]* CPU touches that faulted through userfaultfd$", lines[measured]);
    }

    [LiveFact]
    public void ATraceOnLiveMemoryIsCheckedForItsContents()
    {
        using JsonDocument document = JsonDocument.Parse(Run("replay", Trace(), "--machine", "live", "--format", "json").Output);
        Assert.Equal("live", document.RootElement.GetProperty("machine").GetString());
        JsonElement run = document.RootElement.GetProperty("runs")[0];
        Assert.Equal("right", run.GetProperty("result").GetString());
        JsonElement measured = run.GetProperty("report").GetProperty("measured");
        Assert.True(measured.GetProperty("faults").GetInt64() > 0);
        Assert.True(measured.GetProperty("pages_copied_to_device").GetInt64() > 0);
        Assert.True(measured.GetProperty("wall_time").GetInt64() > 0);
    }

    [LiveFact]
    public void AMatrixOnLiveMemoryHasPageAndRules()
    {
        string page = Path.Combine(_folder.Path, "p.html");
        CommandOutcome outcome = Run("replay", Saxpy, "--machine", "live", "--profile", "uvm", "kfd", "--html", page, "--explain", "--format", "csv");
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        string[] lines = outcome.Output.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.EndsWith("userfaultfd_write_protect,pages_copied_to_device,pages_copied_to_system,ram_bytes,time_wall_ns", lines[0], StringComparison.Ordinal);
        Assert.Single(lines.Select(line => line.Split(',').Length).Skip(1).Distinct());
        Assert.Contains("The pages were real memory of a process", XDocument.Load(page).ToString(), StringComparison.Ordinal);
    }

    [LiveFact]
    public void APolicyFromAnAssemblyCannotCrossIntoThePager()
    {
        string assembly = typeof(FirstUnit).Assembly.Location;
        CommandOutcome outcome = Run("replay", Saxpy, "--machine", "live", "--policy", $"eviction={assembly}:{typeof(FirstUnit).FullName}");
        Assert.Equal(64, outcome.Code);
        Assert.Equal(
            "hmm: The policy 'FirstUnit' does not come with the product. On live memory the service runs in the pager, which loads no assemblies: use --machine sim.\n",
            outcome.Error);
    }

    private string Trace()
    {
        string trace = Path.Combine(_folder.Path, "s.hmmt");
        Assert.Equal(0, Run("trace", "record", "--workload", Saxpy, "-o", trace, "-q").Code);
        return trace;
    }

    private static CommandOutcome Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = HmmApplication.Run(arguments, output, error);
        return new CommandOutcome(code, output.ToString(), error.ToString());
    }
}
