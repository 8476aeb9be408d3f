using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Hmm.Core.Addressing;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Reports;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Reports;

/// <summary>Pages and pictures are well formed and need nothing from outside.</summary>
public sealed class HtmlReportTests
{
    [Fact]
    public void ThePageNeedsNoNetworkAndNoScript()
    {
        string page = Page([Run("uvm", 16 << 20), Run("no<de>", 32 << 20)]);
        Assert.StartsWith("<!DOCTYPE html>\n", page, StringComparison.Ordinal);
        string rest = page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal);
        foreach (string word in (string[])["http:", "https:", "<script", "@import", "url(", "src="])
        {
            Assert.DoesNotContain(word, rest, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void ThePageIsWellFormedWhateverNamesAreLike()
    {
        XDocument page = XDocument.Parse(Page([Run("a&b", 1 << 20), Run("no<de>\"", 32 << 20)]));
        Assert.Contains(page.Descendants("h2"), head => head.Value == "no<de>\", 32 MiB, prefetch=none");
        Assert.Equal("en", page.Root!.Attribute("lang")!.Value);
    }

    [Fact]
    public void EveryPictureSaysInWordsWhatItShows()
    {
        XDocument page = XDocument.Parse(Page([Run("uvm", 16 << 20), Run("odp", 32 << 20)]));
        List<XElement> pictures = [.. page.Descendants().Where(element => element.Name.LocalName == "svg")];
        Assert.Equal(3, pictures.Count);
        Assert.All(pictures, picture => Assert.NotEqual("", picture.Attribute("aria-label")!.Value));
        Assert.All(pictures, picture => Assert.Equal("img", picture.Attribute("role")!.Value));
        // Beside the numbers each run lists one rule.
        Assert.Equal(ReportColumn.All.Count + 2, page.Descendants("th").Count(head => head.Attribute("scope")?.Value == "row"));
    }

    [Fact]
    public void LightAndDarkHaveTheirColours()
    {
        string picture = RunPicture.Draw(Recording(), "t", [], isStandalone: true);
        Assert.Contains("prefers-color-scheme:dark", picture, StringComparison.Ordinal);
        XDocument.Parse(picture);
    }

    [Fact]
    public void MappingsAreNamedAndColoursSayWho()
    {
        TraceMapping mapping = new(VirtualRange.FromPages(VirtualAddress.FromPage(512), 64), "matrix <A>");
        XElement picture = XElement.Parse(RunPicture.Draw(Recording(), "t", [mapping], isStandalone: false));
        IEnumerable<string> classes = picture.Descendants().Where(element => element.Name.LocalName == "path").Select(path => path.Attribute("class")!.Value);
        Assert.Contains("c3", classes);
        Assert.Contains("d3", classes);
        Assert.Contains(picture.Descendants(), element => element.Value.StartsWith("matrix <A>", StringComparison.Ordinal));
    }

    [Fact]
    public void ARunWithoutAnyAccessHasAPictureToo() => XElement.Parse(RunPicture.Draw(new RunRecording(), "nothing", [], isStandalone: true));

    [Theory]
    [InlineData("uvm")]
    [InlineData("a-profile-with-a-name-that-says-at-length-what-it-does-and-then-goes-on-saying-it")]
    public void ChartsKeepTheirLabelsAndNumbersInside(string profile)
    {
        ReportRun run = Run(profile, 16 << 20);
        run.Report.DeviceFaults.Read = 123_456_789_012;
        run.Report.CpuFaults.Read = 987_654_321_098;
        XElement chart = XElement.Parse(MatrixChart.Draw([run, Run("odp", 32 << 20)]));
        List<XElement> texts = [.. chart.Descendants().Where(element => element.Name.LocalName == "text")];
        Assert.All(texts, text =>
        {
            double x = double.Parse(text.Attribute("x")!.Value, CultureInfo.InvariantCulture);
            double width = 6.2 * text.Nodes().OfType<XText>().Sum(part => part.Value.Length);
            bool isRight = text.Attribute("text-anchor") != null;
            Assert.InRange(isRight ? x - width : x + width, 0, 930);
        });
        Assert.Contains(texts, text => text.Value.EndsWith(run.Label, StringComparison.Ordinal));
    }

    [Fact]
    public void DamageAndWrongResultsAreShown()
    {
        ReportRun run = Run("uvm", 1 << 20) with { Difference = "y[3] is 1 and must be 2." };
        run.Report.Damage = "the trace is truncated here";
        string page = Page([run]);
        Assert.Contains("y[3] is 1 and must be 2.", page, StringComparison.Ordinal);
        Assert.Contains("the trace is truncated here", page, StringComparison.Ordinal);
    }

    [Fact]
    public void ADecisionLogCountsAllAndTellsTheFirst()
    {
        List<string> lines = [];
        DecisionLog log = new(lines.Add, limit: 2);
        for (int i = 0; i < 5; i++)
        {
            log.Decided(new DecisionPlace("prefetch", 1, 0, 512, i * 1000), new Reason(i < 4 ? "dense" : "none", new ReasonInput("pages", i)));
        }

        Assert.Equal(["         0.0 µs dev0 prefetch at 0x200000: dense (pages 0)", "         1.0 µs dev0 prefetch at 0x200000: dense (pages 1)"], lines);
        Assert.Equal([("dense", 4L), ("none", 1L)], log.Tallies.Select(tally => (tally.Rule, tally.Count)));
        Assert.Contains("(pages 4)", log.Tallies[1].Example, StringComparison.Ordinal);
    }

    private static string Page(IReadOnlyList<ReportRun> runs)
    {
        StringWriter text = new();
        HtmlReport.Write(text, "trace & co", "A note.", runs, []);
        return text.ToString();
    }

    private static ReportRun Run(string profile, ulong memory)
    {
        ReplayReport report = new()
        {
            Profile = profile,
            DeviceMemoryBytes = memory,
            Policies = new Dictionary<string, string> { ["prefetch"] = "none" },
            Moves = [new MoveCount(0, 1, MoveCause.DeviceFault, 3, 3 * 4096)],
            Batches = 12,
        };
        report.Time.Total = 1_234_567;
        return new ReportRun(report, Recording(), null, [new DecisionTally("prefetch", "dense", 3, "first")]);
    }

    private static RunRecording Recording()
    {
        RunRecording recording = new();
        recording.Accessed(new PageAccess(0, AccessKind.Write, 512, 40, 0), 0);
        recording.Accessed(new PageAccess(1, AccessKind.Read, 512, 40, 0), 500);
        recording.Faulted(new FaultRecord(1, AccessKind.Read, 0, 512, 400));
        RunRecordingTests.Move(recording, PageMask.Range(0, 40), Agents.Cpu, 1, time: 450, block: 1);
        recording.BatchServed(new BatchRecord(1, 400, 480, 40, 4, 1, 40, 40, 0, 0));
        return recording;
    }
}
