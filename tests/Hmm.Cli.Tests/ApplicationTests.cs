using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Tests.Fakes;

namespace Hmm.Cli.Tests;

/// <summary>The whole command in this process, on a machine that is only a toy.</summary>
public sealed class ApplicationTests : IDisposable
{
    private readonly ScenarioFolder _folder = new();
    private readonly MachineFactory _before = MachineCatalog.Simulated;
    private readonly List<MachineOptions> _options = [];

    public ApplicationTests() => MachineCatalog.Simulated = options =>
    {
        lock (_options)
        {
            _options.Add(options);
        }

        return new FakeMachine();
    };

    public void Dispose()
    {
        MachineCatalog.Simulated = _before;
        _folder.Dispose();
    }

    [Fact]
    public void RunWritesTheTranscript()
    {
        string path = _folder.Add("a.hmm", "# c\nmap a anon 2\nload a\n");
        Assert.Equal(new CommandOutcome(0, "# c\nmap a anon 2\n= ok\nload a\n= 0*2\n", ""), Run("run", path));
        Assert.Equal(new CommandOutcome(0, "", ""), Run("run", "--quiet", path));
    }

    [Fact]
    public void RunSaysDifferencesAndErrorsOnStderr()
    {
        string path = _folder.Add("a.hmm", "map a anon 2\n= EFAULT\nfly\nload a\n= 0*2\n");
        CommandOutcome outcome = Run("run", path);
        Assert.Equal(1, outcome.Code);
        Assert.Equal("map a anon 2\n= ok\nfly\n= error\nload a\n= 0*2\n", outcome.Output);
        string[] errors = outcome.Error.TrimEnd().Split('\n');
        Assert.Equal(2, errors.Length);
        Assert.Equal($"{path}:1: map a anon 2: expected EFAULT, got ok", errors[0]);
        Assert.StartsWith($"{path}:3: 'fly' is not a command", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public void TestCountsFilesAndShowsFailingOnes()
    {
        _folder.Add("b/bad.hmm", "map a anon 1\n= ok\nload a\n= 7\nload b\n= 0\n");
        _folder.Add("a/good.hmm", "map a anon 1\n= ok\n");
        _folder.Add("open.hmm", "map a anon 1\n");
        _folder.Add("not.txt", "fly\n");
        CommandOutcome outcome = Run("test", _folder.Path);
        Assert.Equal(
            new CommandOutcome(
                1,
                $"{_folder.Path}/b/bad.hmm:3: load a: expected 7, got 0 (and 1 more)\n3 files: 1 passed, 1 failed, 1 skipped\n",
                ""),
            outcome);
        Assert.Equal(0, Run("test", Path.Combine(_folder.Path, "a")).Code);
        Assert.Equal(2, Run("test", Path.Combine(_folder.Path, "open.hmm")).Code);
    }

    [Fact]
    public void FailuresAreRowsInJsonAndCsv()
    {
        string path = _folder.Add("bad.hmm", "map a anon 1\n= \"x\", y\n");
        Assert.Equal(
            "{\"schema\":\"hmm.test/1\",\"version\":\"0.1.0\",\"machine\":\"sim\",\"files\":1,\"passed\":0,\"failed\":1,\"skipped\":0,"
            + $"\"failures\":[{{\"file\":\"{path}\",\"line\":1,"
            + "\"command\":\"map a anon 1\",\"expected\":\"\\\"x\\\", y\",\"actual\":\"ok\"}]}\n",
            Run("test", "--format", "json", path).Output);
        Assert.Equal(
            $"file,line,command,expected,actual\n{path},1,map a anon 1,\"\"\"x\"\", y\",ok\n", Run("test", "--format", "csv", path).Output);
    }

    [Fact]
    public void RunHasReportsToo()
    {
        string path = _folder.Add("a.hmm", "map a anon 1\n= ok\nload a\n");
        Assert.Equal(
            $"file,line,command,answer,expected\n{path},1,map a anon 1,ok,ok\n{path},3,load a,0,\n",
            Run("run", "--format", "csv", path).Output);
        string json = Run("run", "--format", "json", path).Output;
        Assert.StartsWith("{\"schema\":\"hmm.run/1\",\"version\":\"0.1.0\",\"machine\":\"sim\",\"commands\":[{", json, StringComparison.Ordinal);
    }

    [Fact]
    public void ResultsHaveTheOrderOfTheFiles()
    {
        string[] names = [.. Enumerable.Range(0, 200).Select(i => $"{i:000}.hmm")];
        foreach (string name in names)
        {
            _folder.Add(name, "map a anon 1\n= no\n");
        }

        string[] lines = Run("test", _folder.Path).Output.TrimEnd().Split('\n');
        Assert.Equal(names, lines[..^1].Select(line => Path.GetFileName(line.Split(':')[0])));
    }

    [Fact]
    public void RecordWritesTheFile()
    {
        string path = _folder.Add("a.hmm", "map a anon 1\nload a\n= 9\n");
        Assert.Equal(new CommandOutcome(0, "", ""), Run("record", path));
        Assert.Equal("map a anon 1\n= ok\nload a\n= 0\n", File.ReadAllText(path));
        Assert.Equal(74, Run("record", path + ".none").Code);
    }

    [Fact]
    public void OptionsReachTheMachine()
    {
        string path = _folder.Add("a.hmm", "exit\n");
        Assert.Equal(0, Run("run", path, "--memory", "64MiB", "--device-memory", "4096", "--seed", "7").Code);
        Assert.Equal(new MachineOptions(64 << 20, 4096, 7), Assert.Single(_options));
    }

    [Fact]
    public void ABrokenMachineIs70AndDoesNotHideOtherFiles()
    {
        string good = _folder.Add("a.hmm", "exit\n= ok\n");
        int made = 0;
        MachineCatalog.Simulated = _ => System.Threading.Interlocked.Increment(ref made) == 1
            ? throw new InvalidOperationException("broken")
            : new FakeMachine();
        CommandOutcome outcome = Run("test", good, _folder.Add("b.hmm", "exit\n= ok\n"));
        Assert.Equal(70, outcome.Code);
        Assert.Contains("2 files: 1 passed, 1 failed, 0 skipped", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException: broken", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingCapabilityIs3()
    {
        MachineCatalog.Simulated = _ => throw new PlatformNotSupportedException("This kernel lacks it.");
        string path = _folder.Add("a.hmm", "exit\n= ok\n");
        Assert.Equal(new CommandOutcome(3, "", "hmm: This kernel lacks it.\n"), Run("run", path));
        Assert.Equal(3, Run("test", path).Code);
    }

    private static CommandOutcome Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = HmmApplication.Run(arguments, output, error);
        return new CommandOutcome(code, output.ToString(), error.ToString());
    }
}
