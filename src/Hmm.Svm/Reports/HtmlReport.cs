using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Reports;

/// <summary>Writes a page about runs that needs no network and no script: the matrix as a chart, each run as a picture, all numbers as a table.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public static class HtmlReport
{
    private const string PageStyle = """
        body{margin:0 auto;max-width:70rem;padding:1.5rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.5rem}p.soft,figcaption{color:var(--soft)}figure{margin:1rem 0;overflow-x:auto}svg{width:100%;min-width:46rem;height:auto}
        .scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.875rem}th,td{padding:.2rem .7rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
        th[scope=row],th[scope=rowgroup],caption{text-align:left}th[scope=rowgroup]{background:var(--tint)}th[scope=row]:first-child,thead td:first-child{position:sticky;left:0;background:var(--paper)}.bad{color:var(--bad);font-weight:600}.rules th,.rules td{text-align:left}summary{cursor:pointer;font-weight:600}
        """;

    /// <summary>Writes the page.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="input">The trace or workload.</param>
    /// <param name="note">A sentence about the input; may be empty.</param>
    /// <param name="runs">The runs, in their order; at least one.</param>
    /// <param name="mappings">Names for pieces of the address space; may be empty.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(TextWriter output, string input, string note, IReadOnlyList<ReportRun> runs, IReadOnlyList<TraceMapping> mappings)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(runs);
        string title = Markup.Escape("Replay of " + input);
        output.Write($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n");
        output.Write($"<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>{title}</title>\n<style>\n{Markup.Style}\n{PageStyle}\n</style>\n</head>\n<body>\n<main>\n");
        output.Write($"<h1>{title}</h1>\n<p>{Markup.Escape(note)}</p>\n");
        output.Write("<p class=\"soft\">Times are modelled: they show shapes and ratios, and promise nothing about a device in microseconds.</p>\n");
        if (runs[0].Report.Measured is not null)
        {
            output.Write("<p class=\"soft\">The pages were real memory of a process, and the CPU's accesses real loads and stores. What is called measured was measured there.</p>\n");
        }

        if (runs.Count > 1)
        {
            output.Write($"<h2>{runs.Count} configurations</h2>\n<figure>\n{MatrixChart.Draw(runs)}<figcaption>Each configuration is a line. The table at the end has all numbers.</figcaption>\n</figure>\n");
        }

        foreach (ReportRun run in runs)
        {
            WriteRun(output, run, mappings, isOpen: runs.Count <= 4);
        }

        WriteTable(output, runs);
        output.Write("</main>\n</body>\n</html>\n");
    }

    private static void WriteRun(TextWriter output, ReportRun run, IReadOnlyList<TraceMapping> mappings, bool isOpen)
    {
        output.Write($"<details{(isOpen ? " open=\"open\"" : "")}>\n<summary><h2 style=\"display:inline\">{Markup.Escape(run.Label)}</h2></summary>\n");
        foreach (string sentence in new[] { run.Report.Damage, run.Difference }.OfType<string>())
        {
            output.Write($"<p class=\"bad\">{Markup.Escape(sentence)}</p>\n");
        }

        if (run.Recording is not null)
        {
            string title = $"{run.Label}: addresses downwards, time to the right";
            output.Write($"<figure>\n{RunPicture.Draw(run.Recording, title, mappings, isStandalone: false)}<figcaption>{Markup.Escape(Sentence(run))}</figcaption>\n</figure>\n");
        }

        if (run.Decisions.Count > 0)
        {
            WriteDecisions(output, run);
        }

        output.Write("</details>\n");
    }

    private static string Sentence(ReportRun run) =>
        $"{Quantity.Count(run.Report.DeviceFaults.Total)} device faults in {Quantity.Count(run.Report.Batches)} batches, "
        + $"{Quantity.Bytes((ulong)ReportColumn.Moved(run.Report, toDevice: true, _ => true))} to devices, "
        + $"{Quantity.Bytes((ulong)ReportColumn.Moved(run.Report, toDevice: false, _ => true))} home, "
        + $"{Quantity.Count(run.Report.Evictions)} evictions, {Quantity.Time(run.Report.Time.Total)} of modelled time.";

    private static void WriteDecisions(TextWriter output, ReportRun run)
    {
        output.Write("<div class=\"scroll\"><table class=\"rules\">\n<caption>Which rules fired</caption>\n<thead><tr><th scope=\"col\">policy</th><th scope=\"col\">rule</th><th scope=\"col\">times</th><th scope=\"col\">first time</th></tr></thead>\n<tbody>\n");
        foreach (DecisionTally tally in run.Decisions)
        {
            output.Write($"<tr><td>{Markup.Escape(tally.Kind)}</td><th scope=\"row\">{Markup.Escape(tally.Rule)}</th><td>{Quantity.Count(tally.Count)}</td><td>{Markup.Escape(tally.Example.Trim())}</td></tr>\n");
        }

        output.Write("</tbody>\n</table></div>\n");
    }

    private static void WriteTable(TextWriter output, IReadOnlyList<ReportRun> runs)
    {
        output.Write("<h2>All numbers</h2>\n<div class=\"scroll\"><table>\n<thead><tr><td></td>");
        foreach (ReportRun run in runs)
        {
            output.Write($"<th scope=\"col\">{Markup.Escape(run.Label)}</th>");
        }

        output.Write("</tr></thead>\n");
        foreach (IGrouping<string, ReportColumn> group in ReportColumn.For(runs).GroupBy(column => column.Group))
        {
            output.Write($"<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"{runs.Count + 1}\">{group.Key}</th></tr>\n");
            foreach (ReportColumn column in group)
            {
                output.Write($"<tr><th scope=\"row\">{column.Title}</th>");
                foreach (ReportRun run in runs)
                {
                    output.Write($"<td>{column.Text(run.Report)}</td>");
                }

                output.Write("</tr>\n");
            }

            output.Write("</tbody>\n");
        }

        output.Write("</table></div>\n");
    }
}
