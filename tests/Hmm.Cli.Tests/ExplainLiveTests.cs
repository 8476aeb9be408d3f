using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hmm.Scenarios.Machines;

namespace Hmm.Cli.Tests;

/// <summary><c>hmm explain --machine live</c> from outside.</summary>
public sealed partial class ExplainLiveTests : IDisposable
{
    private const string Migration = "map a anon 4\n= ok\nstore a[0..2] 7\n= ok*2\ndev0 migrate a[0..2]\n= ok\nload a[0]\n= 7\n";

    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LiveFact]
    public void EachCommandIsFollowedByWhatItDid()
    {
        CommandOutcome outcome = Explain(_folder.Add("a.hmm", "# c\n" + Migration));
        const string expected = """
            # c
            map a anon 4
            = ok
            #| entry a[0..4] not mapped → nothing (rw)

            store a[0..2] 7
            = ok*2
            #| message a[0] missing, write the memory file has no page: the thread sleeps
            #| fault a[0] CPU write: nothing → present W dirty first touch: a zeroed page
            #| view a[0] UFFDIO_ZEROPAGE, writable the thread goes on
            #| message a[1] missing, write the memory file has no page: the thread sleeps
            #| fault a[1] CPU write: nothing → present W dirty first touch: a zeroed page
            #| view a[1] UFFDIO_ZEROPAGE, writable the thread goes on
            #| entry a[0..2] nothing → present W dirty, frames N..N

            dev0 migrate a[0..2]
            = ok
            #| notify a[0..2] MIGRATE by dev0 seq N pages are collected; dev0 ignores its own
            #| flush a[0..2] MADV_DONTNEED the next touch will be a message
            #| move a[0..2] frames N..N → dev0 frames N..N
            #| punch a[0..2] FALLOC_FL_PUNCH_HOLE, frames N..N nobody uses the frame: its RAM is given back
            #| entry a[0..2] present W dirty, frames N..N → device-private W dev0, frames N..N
            #| dev0 a[0..2] nothing → W, dev0 frames N..N

            load a[0]
            = 7
            #| message a[0] missing, read the memory file has no page: the thread sleeps
            #| fault a[0] CPU read: device-private W dev0 → present W only dev0 reaches its memory: the page comes back
            #| notify a[0] MIGRATE by dev0 seq N pages are collected; dev0 ignores its own
            #| move a[0] dev0 frame N → frame N
            #| view a[0] UFFDIO_COPY, write-protected: EEXIST the memory file has the page already
            #| view a[0] UFFDIO_CONTINUE, write-protected the thread goes on; the first write will be seen
            #| entry a[0] device-private W dev0, frame N → present W, frame N
            #| dev0 a[0] W, dev0 frame N → nothing


            """;
        Assert.Equal((0, expected, ""), (outcome.Code, Essence(outcome.Output), outcome.Error));
    }

    [LiveFact]
    public void WhatIsPartOfAMessageIsIndented()
    {
        string[] lines = Explain(_folder.Add("a.hmm", Migration)).Output.Split('\n');
        int load = Array.IndexOf(lines, "load a[0]");
        Assert.StartsWith("#| message ", lines[load + 2], StringComparison.Ordinal);
        Assert.StartsWith("#|   fault ", lines[load + 3], StringComparison.Ordinal);
        Assert.StartsWith("#|     notify ", lines[load + 4], StringComparison.Ordinal);
        Assert.StartsWith("#|   view ", lines[load + 6], StringComparison.Ordinal);
    }

    [LiveFact]
    public void PlainOutputIsAScenarioThatPassesOnBothMachines()
    {
        string explained = _folder.Add("b.hmm", Explain(_folder.Add("a.hmm", Migration)).Output);
        foreach (string machine in new[] { "sim", "live" })
        {
            Assert.Equal("1 file: 1 passed, 0 failed, 0 skipped\n", HmmProcess.Run("test", "--machine", machine, explained).Output);
        }
    }

    [LiveFact]
    public void NoLineIsWiderThanAsked()
    {
        const string text = "map a anon 600\nstore a 1\nload a\ndev0 migrate a[3..70]\nload a\nadvise a dontneed\nunmap a\n";
        string explained = Explain("--ram-limit", "1MiB", "--read-ahead", "8", _folder.Add("a.hmm", text)).Output;
        Assert.All(explained.Split('\n'), line => Assert.True(line.Length <= 120, line));
        Assert.Contains("evict", explained, StringComparison.Ordinal);
        Assert.Contains("read-ahead", explained, StringComparison.Ordinal);
    }

    [LiveFact]
    public void JsonHasTheSameShapeAndTheNewKinds()
    {
        CommandOutcome outcome = Explain("--format", "json", _folder.Add("a.hmm", Migration));
        using var document = JsonDocument.Parse(outcome.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(("hmm.explain/1", "live"), (root.GetProperty("schema").GetString(), root.GetProperty("machine").GetString()));
        JsonElement[] steps = [.. root.GetProperty("commands")[3].GetProperty("events").EnumerateArray()];
        Assert.Equal(["message", "fault", "notify", "move", "view", "view"], steps.Select(step => step.GetProperty("type").GetString()));
        Assert.Equal([0, 1, 2, 2, 1, 1], steps.Select(step => step.GetProperty("depth").GetInt32()));
        Assert.All(steps, step => Assert.Equal("a[0]", step.GetProperty("place").GetString()));
        Assert.Equal(
            ("missing", false, JsonValueKind.Null),
            (steps[0].GetProperty("cause").GetString(), steps[0].GetProperty("is_write").GetBoolean(), steps[0].GetProperty("signal").ValueKind));
        Assert.Equal(
            ("UFFDIO_CONTINUE", true, JsonValueKind.Null),
            (steps[5].GetProperty("call").GetString(), steps[5].GetProperty("is_write_protected").GetBoolean(), steps[5].GetProperty("error").ValueKind));
        Assert.Equal("EEXIST", steps[4].GetProperty("error").GetString());

        JsonElement migrate = root.GetProperty("commands")[2];
        JsonElement punch = migrate.GetProperty("events").EnumerateArray().Single(step => step.GetProperty("type").GetString() == "punch");
        Assert.Equal(1, punch.GetProperty("frames").GetArrayLength());
        Assert.Equal(0, migrate.GetProperty("dropped_event_count").GetInt64());
        JsonElement run = migrate.GetProperty("tables")[0].GetProperty("runs")[0];
        Assert.Equal("device_private", run.GetProperty("after").GetProperty("kind").GetString());
    }

    [LiveFact]
    public void EventsThatFoundNoRoomAreCounted()
    {
        string path = _folder.Add("a.hmm", "map a anon 40\nstore a 1\n");
        Assert.Contains(" more events found no room in the recording", Explain("--events", "10", path).Output, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(Explain("--events", "10", "--format", "json", path).Output);
        JsonElement store = document.RootElement.GetProperty("commands")[1];
        Assert.True(store.GetProperty("dropped_event_count").GetInt64() > 0);
        Assert.Equal("a[0..40]", store.GetProperty("tables")[0].GetProperty("runs")[0].GetProperty("place").GetString());
    }

    [LiveFact]
    public void WordsThatLiveMemoryLacksAreRefusedAsByRun()
    {
        string path = _folder.Add("a.hmm", "map a anon 1\n= ok\nfork c\n= ok\n");
        CommandOutcome explained = Explain(path);
        CommandOutcome run = HmmProcess.Run("run", "--machine", "live", path);
        Assert.Equal(run, explained);
        Assert.Equal((2, ""), (explained.Code, explained.Output));
        Assert.Contains("does not take the word 'fork'", explained.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AHostWithoutAPagerIsSaidToLackIt()
    {
        string path = _folder.Add("a.hmm", "map a anon 1\n");
        CommandOutcome outcome = HmmProcess.RunWith("HMM_PAGER", Path.Combine(_folder.Path, "none.so"), "explain", "--machine", "live", path);
        Assert.Equal((3, ""), (outcome.Code, outcome.Output));
        Assert.Matches("^hmm: The pager's library .* is not there\\. .*\n$", outcome.Error);
    }

    [Theory]
    [InlineData("--events is for --machine live.", "--events", "7")]
    [InlineData("--ram-limit is for --machine live.", "--ram-limit", "1MiB")]
    [InlineData("--read-ahead is for --machine live.", "--machine", "sim", "--read-ahead", "7")]
    [InlineData("--events must lie between 1 and 16777216.", "--machine", "live", "--events", "0")]
    [InlineData("'64KiB' is too little for --ram-limit: 1MiB is the least.", "--machine", "live", "--ram-limit", "64KiB")]
    [InlineData("--memory and --ram-limit cannot both be given", "--machine", "live", "--ram-limit", "1MiB", "--memory", "1MiB")]
    [InlineData("--read-ahead is about what comes back from the pool of --ram-limit: give both.", "--machine", "live", "--read-ahead", "4")]
    public void OptionsOfLiveMemoryAreCheckedBeforeAnythingRuns(string complaint, params string[] options)
    {
        CommandOutcome outcome = HmmProcess.Run(["explain", .. options, _folder.Add("a.hmm", "map a anon 1\n")]);
        Assert.Equal((64, ""), (outcome.Code, outcome.Output));
        Assert.StartsWith("hmm: " + complaint, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AMachineWithoutANameIsWrongUsage() => Assert.Equal(64, HmmProcess.Run("explain", "a.hmm", "--machine").Code);

    [Fact]
    public void ThisHostSaysWhetherItHasLiveMemory()
    {
        CommandOutcome outcome = Explain(_folder.Add("a.hmm", "map a anon 1\n"));
        Assert.Equal(LiveScenarioMachine.Obstacle == null ? 0 : 3, outcome.Code);
        Assert.Equal(LiveScenarioMachine.Obstacle is { } obstacle ? $"hmm: {obstacle}\n" : "", outcome.Error);
    }

    private static CommandOutcome Explain(params string[] arguments) => HmmProcess.Run(["explain", "--machine", "live", .. arguments]);

    // Where frames are, and how far columns are apart, is not what these tests are about.
    private static string Essence(string output) =>
        Sequences().Replace(FrameRuns().Replace(Frames().Replace(Gaps().Replace(output, " "), "frame N"), "frames N..N"), "seq N");

    [GeneratedRegex(" +")]
    private static partial Regex Gaps();

    [GeneratedRegex(@"frame \d+")]
    private static partial Regex Frames();

    [GeneratedRegex(@"frames \d+\.\.\d+")]
    private static partial Regex FrameRuns();

    [GeneratedRegex(@"seq \d+")]
    private static partial Regex Sequences();
}
