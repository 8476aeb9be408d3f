using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hmm.Cli.Explaining;

namespace Hmm.Cli.Tests;

/// <summary><c>hmm explain</c> from outside, on the simulated machine.</summary>
public sealed class ExplainTests : IDisposable
{
    private const string Migration = "map a anon 4\n= ok\nstore a[0..2] 7\n= ok*2\ndev0 migrate a[0..2]\n= ok\nload a[0]\n= 7\n";

    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EachCommandIsFollowedByWhatItDid()
    {
        CommandOutcome outcome = HmmProcess.Run("explain", _folder.Add("a.hmm", "# c\n" + Migration));
        const string expected = """
            # c
            map a anon 4
            = ok
            #| entry  a[0..4]  not mapped  →  nothing (rw)

            store a[0..2] 7
            = ok*2
            #| fault  a[0..2]  CPU write: nothing → present W dirty  first touch: a zeroed page
            #| entry  a[0..2]  nothing  →  present W dirty, frames 513..514

            dev0 migrate a[0..2]
            = ok
            #| notify  a[0..2]  MIGRATE by dev0 seq 3  pages are collected; dev0 ignores its own
            #| move    a[0..2]  frames 513..514 → dev0 frames 8192..8193
            #| entry   a[0..2]  present W dirty, frames 513..514  →  device-private W dev0, frames 8192..8193
            #| dev0    a[0..2]  nothing                           →  W, dev0 frames 8192..8193

            load a[0]
            = 7
            #| fault     a[0]  CPU read: device-private W dev0 → present W  only dev0 reaches its memory: the page comes back
            #|   notify  a[0]  MIGRATE by dev0 seq 5                        pages are collected; dev0 ignores its own
            #|   move    a[0]  dev0 frame 8192 → frame 514
            #| entry     a[0]  device-private W dev0, frame 8192  →  present W, frame 514
            #| dev0      a[0]  W, dev0 frame 8192                 →  nothing


            """;
        Assert.Equal(new CommandOutcome(0, expected, ""), outcome);
    }

    [Fact]
    public void PlainOutputIsAScenarioThatPasses()
    {
        string explained = _folder.Add("b.hmm", HmmProcess.Run("explain", _folder.Add("a.hmm", Migration)).Output);
        Assert.Equal("1 file: 1 passed, 0 failed, 0 skipped\n", Summary(explained));
    }

    [Fact]
    public void TwoProcessesAndRefusalsAreNamed()
    {
        const string text = "map a anon 3\nstore a 1\nfork c\nc: store a[1] 2\npin a[2] write\ndev1 migrate a[2]\n";
        string[] lines = HmmProcess.Run("explain", _folder.Add("a.hmm", text)).Output.Split('\n');
        Assert.Contains(lines, line => line.StartsWith("#| entry   c: a[0..3]", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("copy-on-write", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("#| refused  a[2]  stays: pinned for long", StringComparison.Ordinal));
    }

    [Fact]
    public void NoLineIsWiderThanAsked()
    {
        const string text = "map a anon 512 huge\nstore a[0] 1\ndev0 migrate a[3..70]\nfork c\nc: dev1 exclusive a[1]\ndev0 release\n";
        string explained = HmmProcess.Run("explain", _folder.Add("a.hmm", text)).Output;
        Assert.All(explained.Split('\n'), line => Assert.True(line.Length <= 120, line));

        using var output = new StringWriter();
        string words = string.Join(' ', Enumerable.Repeat("word", 30));
        Row[] rows =
        [
            new Row("notify", "a[0]", new Piece("CLEAR seq 3", Tone.Event), new Piece(words, Tone.Quiet)),
            new Row("entry", "a-mapping-with-a-long-name[0..100]", new Piece(words, Tone.Old), new Piece(words, Tone.New)) { Joint = " → " },
        ];
        Layout.Write(new Screen(output, hasColour: false, 80), rows);
        Assert.All(output.ToString().Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Theory]
    [InlineData(null, "xterm", true)]
    [InlineData("", "xterm", true)]
    [InlineData("1", "xterm", false)]
    [InlineData(null, "dumb", false)]
    [InlineData(null, null, false)]
    public void ColoursAreOnlyForTerminalsThatWantThem(string? noColour, string? terminal, bool expected) =>
        Assert.Equal(expected, Screen.WantsColour(noColour, terminal));

    [Fact]
    public void AScreenWithColoursWritesTheSameWords()
    {
        using var plain = new StringWriter();
        using var coloured = new StringWriter();
        foreach ((StringWriter output, bool hasColour) in new[] { (plain, false), (coloured, true) })
        {
            var screen = new Screen(output, hasColour, 80);
            Layout.Write(screen, [new Row("entry", "a[0]", new Piece("nothing", Tone.Old), new Piece("zero page", Tone.New))]);
        }

        Assert.Equal("#| entry  a[0]  nothing  zero page\n", plain.ToString());
        Assert.Contains("\u001b[", coloured.ToString(), StringComparison.Ordinal);
        Assert.Contains("zero page", coloured.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void JsonIsOneObjectAFile()
    {
        string first = _folder.Add("a.hmm", Migration);
        string second = _folder.Add("b.hmm", "map a anon 1\nfly\n");
        CommandOutcome outcome = HmmProcess.Run("explain", "--format", "json", first, second);
        string[] lines = outcome.Output.TrimEnd('\n').Split('\n');
        Assert.Equal((1, 2), (outcome.Code, lines.Length));
        using var document = JsonDocument.Parse(lines[0]);
        JsonElement root = document.RootElement;
        Assert.Equal(("hmm.explain/1", first), (root.GetProperty("schema").GetString(), root.GetProperty("file").GetString()));
        JsonElement migrate = root.GetProperty("commands")[2];
        Assert.Equal(["notify", "move"], migrate.GetProperty("events").EnumerateArray().Select(step => step.GetProperty("type").GetString()));
        JsonElement run = migrate.GetProperty("tables")[0].GetProperty("runs")[0];
        Assert.Equal(
            ("a[0..2]", "present", "device_private"),
            (run.GetProperty("place").GetString(), run.GetProperty("before").GetProperty("kind").GetString(),
                run.GetProperty("after").GetProperty("kind").GetString()));
        Assert.Equal("513..514", run.GetProperty("before").GetProperty("frames")[0].GetString());
    }

    [Fact]
    public void DifferencesAndErrorsAreSaidAsByRun()
    {
        string path = _folder.Add("a.hmm", "map a anon 1\n= EFAULT\nfly\nload a\n= 0\n");
        CommandOutcome explained = HmmProcess.Run("explain", path);
        CommandOutcome run = HmmProcess.Run("run", path);
        Assert.Equal((1, run.Error), (explained.Code, explained.Error));
        Assert.Equal("map a anon 1\n= ok\n#| entry  a[0]  not mapped  →  nothing (rw)\n\nfly\n= error\n\n", HmmProcess.Run("explain", "-q", path).Output);
    }

    [Fact]
    public void OnlyChoosesCommandsByLine()
    {
        string path = _folder.Add("a.hmm", Migration);
        string output = HmmProcess.Run("explain", "--only", "1", "--only", "8", path).Output;
        Assert.Equal(["map a anon 4", "load a[0]"], output.Split('\n').Where(line => line.Length > 0 && char.IsLetter(line[0])));
        CommandOutcome none = HmmProcess.Run("explain", "--only", "99", path);
        Assert.Equal((2, ""), (none.Code, none.Output));
        Assert.Equal(64, HmmProcess.Run("explain", "--format", "csv", path).Code);
    }

    private static string Summary(string path) => HmmProcess.Run("test", path).Output;
}
