using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Hmm.Cli.Tracing;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Reports;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Replaying;

/// <summary>Runs as text: one in full, several as a table.</summary>
internal sealed class ReplayText(TextWriter output)
{
    private const double Part = 0.001;

    public void Write(ReplayInput input, IReadOnlyList<ReportRun> runs)
    {
        output.Write($"{input.Name}: {input.Note}{(input.Note.EndsWith('.') ? "" : ";")} {Quantity.Bytes(input.TouchedBytes)} touched.\n");
        if (runs.Count == 1)
        {
            WriteOne(runs[0]);
        }
        else
        {
            WriteTable(runs);
        }

        foreach (ReportRun run in runs.Where(run => run.Decisions.Count > 0))
        {
            WriteDecisions(run, isNamed: runs.Count > 1);
        }
    }

    private void WriteOne(ReportRun run)
    {
        ReplayReport report = run.Report;
        output.Write($"{run.Label}{(report.Measured is null ? "" : ", on live memory")}{(run.Difference is null ? "" : ": WRONG: " + run.Difference)}\n");
        foreach (IGrouping<string, ReportColumn> group in ReportColumn.All.Where(column => column.Unit == ReportUnit.Count).GroupBy(column => column.Group))
        {
            string values = string.Join(", ", group.Where(column => column.Value(report) != 0).Select(column => $"{column.Title} {column.Value(report)}"));
            output.Write($"  {group.Key,-14} {(values.Length > 0 ? values : "none")}\n");
        }

        string head = "moved";
        foreach (MoveCount move in report.Moves.OrderByDescending(move => move.Bytes))
        {
            output.Write($"  {head,-14} {Quantity.Bytes((ulong)move.Bytes)} {Place(move.From)} -> {Place(move.To)}: {Words(move.Cause)}, {move.Pages} pages\n");
            head = "";
        }

        output.Write($"  {"modelled time",-14} {Quantity.Time(report.Time.Total)}\n");
        WriteParts(report);
        if (report.Measured is not null)
        {
            WriteMeasured(report);
        }
    }

    private void WriteParts(ReplayReport report)
    {
        double total = Math.Max(report.Time.Total, 1);
        foreach (ReportColumn part in ReportColumn.All.Where(column => column.Unit == ReportUnit.Nanoseconds && column.Name != "time_total_ns")
            .OrderByDescending(column => column.Value(report)).Where(column => column.Value(report) / total > Part))
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"  {"",-14} {part.Value(report) / total,6:P1} {part.Title}\n"));
        }
    }

    private void WriteMeasured(ReplayReport report)
    {
        string head = "measured";
        foreach (ReportColumn column in ReportColumn.Measured)
        {
            string value = column.Unit == ReportUnit.Count ? column.Value(report).ToString(CultureInfo.InvariantCulture) : column.Text(report);
            output.Write($"  {head,-14} {value} {column.Title}\n");
            head = "";
        }
    }

    private static string Place(int agent) => agent == Agents.None ? "nowhere" : agent == Agents.Cpu ? "system" : AgentNames.Of(agent);

    private static string Words(MoveCause cause) => cause switch
    {
        MoveCause.DeviceFault => "device faults",
        MoveCause.Prefetch => "brought along",
        MoveCause.CpuFault => "CPU faults",
        MoveCause.CpuPrefetch => "brought along with CPU faults",
        MoveCause.Eviction => "evicted",
        MoveCause.Pin => "pinned",
        MoveCause.Atomic => "atomics",
        _ => "asked for",
    };

    private void WriteTable(IReadOnlyList<ReportRun> runs)
    {
        int width = Math.Max(14, runs.Max(run => run.Label.Length));
        double best = Math.Max(1, runs.Min(run => run.Report.Time.Total));
        output.Write($"{"configuration".PadRight(width)} {"time",10} {"ratio",7} {"faults",9} {"batches",8} {"to device",10} {"home",10} {"evictions",9}{(runs[0].Report.Measured is null ? "" : "  measured: wall, CPU faults")}\n");
        foreach (ReportRun run in runs)
        {
            ReplayReport report = run.Report;
            output.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{run.Label.PadRight(width)} {Quantity.Time(report.Time.Total),10} {report.Time.Total / best,7:F2} {report.DeviceFaults.Total,9} {report.Batches,8} {Moved(report, "bytes_to_device"),10} {Moved(report, "bytes_to_system"),10} {report.Evictions,9}{Measured(report)}{(run.Difference is null ? "" : " WRONG")}\n"));
        }
    }

    private static string Measured(ReplayReport report) =>
        report.Measured is { } measured ? string.Create(CultureInfo.InvariantCulture, $"  {Quantity.Time(measured.WallTime),14} {measured.Faults,11}") : "";

    private static string Moved(ReplayReport report, string name) => ReportColumn.All.First(column => column.Name == name).Text(report);

    private void WriteDecisions(ReportRun run, bool isNamed)
    {
        output.Write($"rules that fired{(isNamed ? " with " + run.Label : "")}:\n");
        foreach (DecisionTally tally in run.Decisions)
        {
            output.Write($"  {tally.Kind,-10} {tally.Rule,-32} {tally.Count,10} times; first: {tally.Example.Trim()}\n");
        }
    }
}
