using System;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Hmm.Cli.Tests;

/// <summary>Traces are made and looked into.</summary>
public sealed class TraceTests : IDisposable
{
    private const string Rows = "time,agent,op,address,size\n0,cpu,write,0x10000000,65536\n1000,dev0,read,0x10000000,4\n1500,dev0,atomic,0x10008000,8\n";

    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CsvBecomesATraceThatInfoUnderstands()
    {
        string trace = Import("a.csv", Rows, out CommandOutcome import);
        Assert.Equal(0, import.Code);
        Assert.Equal("", import.Output);
        Assert.Contains("3 accesses to 16 pages", import.Error, StringComparison.Ordinal);
        CommandOutcome info = Run("trace", "info", trace);
        Assert.Equal(0, info.Code);
        Assert.Contains("imported from a.csv (csv)", info.Output, StringComparison.Ordinal);
        Assert.Contains("16 pages (64 KiB) touched; 2 of them by the CPU and a device", info.Output, StringComparison.Ordinal);
        Assert.Contains("[0x10000000, 0x10010000) 16 pages", info.Output, StringComparison.Ordinal);
        Assert.Equal("", info.Error);
    }

    [Fact]
    public void InfoHasRowsAndADocument()
    {
        string trace = Import("a.csv", Rows, out _);
        Assert.Equal(
            $"file,agent,reads,writes,atomics,prefetches,pages_touched,pages_written\n{trace},cpu,0,1,0,0,16,16\n{trace},dev0,1,0,1,0,2,1\n",
            Run("trace", "info", "--format", "csv", trace).Output);
        using JsonDocument document = JsonDocument.Parse(Run("trace", "info", "--format", "json", trace).Output);
        Assert.Equal("hmm.trace/1", document.RootElement.GetProperty("schema").GetString());
        JsonElement first = document.RootElement.GetProperty("traces")[0];
        Assert.Equal(3, first.GetProperty("accesses").GetInt64());
        Assert.Equal(1500, first.GetProperty("duration_ns").GetInt64());
        Assert.Equal(JsonValueKind.Null, first.GetProperty("truncated").ValueKind);
        Assert.Equal("0x10000000", first.GetProperty("mappings")[0].GetProperty("start").GetString());
    }

    [Fact]
    public void LackeyIsRecognised()
    {
        string trace = Import("l.txt", "==1== Lackey\nI  0401ab70,3\n S 1fff000558,8\n", out CommandOutcome import, "--agent", "cpu");
        Assert.Equal(0, import.Code);
        Assert.Contains("cpu,0,1,0,0,1,1", Run("trace", "info", "--format", "csv", trace).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongRowIs74AndLeavesNothing()
    {
        string trace = Import("bad.csv", Rows + "1600,dev0,glance,0,1\n", out CommandOutcome import);
        Assert.Equal(74, import.Code);
        Assert.EndsWith("bad.csv:5: 'glance' is not an op: read, write, atomic or prefetch, or its first letter.\n", import.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(trace));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.part"));
    }

    [Fact]
    public void ACutLastRowIsLeftOutAndSaidSo()
    {
        Import("cut.csv", Rows + "1600,dev", out CommandOutcome import);
        Assert.Equal(0, import.Code);
        Assert.Contains("cut.csv:5: the last line is cut off and was left out.", import.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEmptyTextIsInconclusive() => Assert.Equal(2, Code("empty.csv", "# nothing\n"));

    [Fact]
    public void ATruncatedTraceIsReadToWhereItIsGood()
    {
        string trace = Import("a.csv", Rows, out _);
        File.WriteAllBytes(trace, File.ReadAllBytes(trace)[..^3]);
        CommandOutcome info = Run("trace", "info", trace);
        Assert.Equal(0, info.Code);
        Assert.Matches(@":\d+: the trace is truncated here: 3 accesses are good, the rest is missing\.\n$", info.Error);
        Assert.Contains("3 accesses", info.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedTraceIs74WithItsOffset()
    {
        string trace = Import("a.csv", Rows, out _);
        byte[] bytes = File.ReadAllBytes(trace);
        bytes[60] ^= 1;
        File.WriteAllBytes(trace, bytes);
        CommandOutcome info = Run("trace", "info", trace);
        Assert.Equal(74, info.Code);
        Assert.Matches(@"a\.hmmt:\d+: the block's checksum is wrong; the trace is damaged\.\n$", info.Error);
    }

    [Theory]
    [InlineData("trace", "import", "-")]
    [InlineData("trace", "record")]
    [InlineData("trace", "record", "--workload", "saxpi")]
    [InlineData("trace", "record", "--workload", "saxpy", "--", "ls")]
    [InlineData("trace", "import", "x", "--agent", "gpu")]
    [InlineData("trace", "import", "x", "--window", "-1")]
    [InlineData("trace", "info")]
    public void WrongUsageIs64(params string[] arguments)
    {
        CommandOutcome outcome = Run(arguments);
        Assert.Equal(64, outcome.Code);
        Assert.StartsWith("hmm: ", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trace", "info", "/none.hmmt")]
    [InlineData("trace", "import", "/none.csv")]
    public void AMissingFileIs74(params string[] arguments) => Assert.Equal(74, Run(arguments).Code);

    [Fact]
    public void AWorkloadIsRecordedWithItsNames()
    {
        string trace = Path.Combine(_folder.Path, "s.hmmt");
        Assert.Equal(new CommandOutcome(0, "", ""), Run("trace", "record", "--workload", "saxpy:size=64KiB,rounds=1", "-o", trace, "--quiet"));
        string info = Run("trace", "info", trace).Output;
        Assert.Contains("saxpy of 8192 floats, 1 rounds", info, StringComparison.Ordinal);
        Assert.Contains("8 pages y\n", info, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutValgrindRecordingSaysWhatToInstall()
    {
        CommandOutcome outcome = HmmProcess.RunWith("PATH", _folder.Path, "trace", "record", "--", "ls");
        Assert.Equal(3, outcome.Code);
        Assert.Contains("apt install valgrind", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AProgramIsRecordedWhereValgrindIsInstalled()
    {
        bool hasValgrind = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "valgrind")));
        if (!hasValgrind)
        {
            return;
        }

        string trace = Path.Combine(_folder.Path, "true.hmmt");
        CommandOutcome outcome = Run("trace", "record", "-o", trace, "--", "/bin/true");
        Assert.Equal(0, outcome.Code);
        Assert.Contains("recorded from /bin/true", Run("trace", "info", trace).Output, StringComparison.Ordinal);
    }

    private int Code(string name, string text)
    {
        Import(name, text, out CommandOutcome outcome);
        return outcome.Code;
    }

    private string Import(string name, string text, out CommandOutcome outcome, params string[] more)
    {
        string trace = Path.Combine(_folder.Path, Path.ChangeExtension(name, ".hmmt"));
        outcome = Run(["trace", "import", _folder.Add(name, text), "-o", trace, .. more]);
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
