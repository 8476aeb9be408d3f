using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using Hmm.Cli.Benchmarks;
using Hmm.Cli.Output;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm bench NAME</c>: ratios against a baseline that is measured in the same run.</summary>
internal sealed class BenchCommand(CommandContext context, string format)
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("bench", "Measure the engine; each case against a baseline of the same run.");
        command.Add(Create(context, "range-fault", "Snapshots of 1 GiB, in nanoseconds a page.", () => new RangeFaultBench(context.Cancellation).Run()));
        command.Add(Create(context, "notifiers", "Interval notifiers, in nanoseconds an operation.", () => new NotifierBench(context.Cancellation).Run()));
        command.Add(Create(
            context, "faults", "Device faults from miss to commit, in nanoseconds a fault.", () => new FaultBench(context.Cancellation).Run(), pins: false));
        command.Add(Create(
            context, "live", "Faults and moves of live memory, in nanoseconds a page; the baseline does the same system calls with no engine.",
            () => new LiveBench(context.Cancellation).Run()));
        command.Add(Create(
            context, "replay", "Replays of traces, in nanoseconds a page access that hits, or a fault that is served.", () => new ReplayBench(context.Cancellation).Run()));
        command.Add(ShapesCommand.Create(context));
        return command;
    }

    private static Command Create(
        CommandContext context, string name, string description, Func<IReadOnlyList<BenchResult>> run, bool pins = true)
    {
        var format = new Option<string>("--format") { Description = "How results are written.", DefaultValueFactory = _ => "text", HelpName = "text|json|csv" };
        format.AcceptOnlyFromAmong("text", "json", "csv");
        var command = new Command(name, description) { format };
        command.SetAction(result => new BenchCommand(context, result.GetValue(format) ?? "text").Run(name, run, pins));
        return command;
    }

    private int Run(string name, Func<IReadOnlyList<BenchResult>> run, bool pins)
    {
        bool isPinned = pins && TryPin();
        IReadOnlyList<BenchResult> results = run();
        string[] notes = [isPinned ? "Pinned to one processor." : "Not pinned to a processor.", "Medians of several runs; ratio is time over the baseline's time."];
        switch (format)
        {
            case "json":
                var report = new BenchReport(BenchReport.SchemaName, ProgramVersion.Text, name, MachineName(), results, notes);
                context.Output.Write(JsonSerializer.Serialize(report, ReportContext.Readable.BenchReport) + "\n");
                break;
            case "csv":
                WriteCsv(results);
                break;
            default:
                WriteText(results, notes);
                break;
        }

        return ExitCodes.Success;
    }

    private static bool TryPin()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            using var self = Process.GetCurrentProcess();
            nint allowed = self.ProcessorAffinity;
            // The lowest of the allowed ones.
            self.ProcessorAffinity = allowed & -allowed;
            return true;
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or PlatformNotSupportedException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string MachineName() =>
        $"{RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} processors, .NET {Environment.Version}";

    private void WriteText(IReadOnlyList<BenchResult> results, string[] notes)
    {
        foreach (string note in notes)
        {
            context.Error.WriteLine(note);
        }

        int width = 4;
        foreach (BenchResult result in results)
        {
            width = Math.Max(width, result.Case.Length);
        }

        bool hasRates = results.Count > 0 && results[0].PerSecond != null;
        context.Output.Write($"{"case".PadRight(width)}         ns   baseline   ratio{(hasRates ? "   a second" : "")}\n");
        foreach (BenchResult result in results)
        {
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Case.PadRight(width)} {result.NsPerPage,10:F3} {result.BaselineNsPerPage,10:F3} {result.Ratio,7:F2} {result.PerSecond,10:N0}");
            context.Output.Write(line.TrimEnd() + "\n");
        }

        WriteGrowth(results);
    }

    private void WriteGrowth(IReadOnlyList<BenchResult> results)
    {
        foreach (IGrouping<string?, BenchResult> series in results.GroupBy(result => result.Series).Where(series => series.Key is not null))
        {
            string times = string.Join(" -> ", series.Select(result => string.Create(CultureInfo.InvariantCulture, $"{result.Ratio:F2}")));
            context.Output.Write($"growth: {series.Key}: {times}\n");
        }
    }

    private void WriteCsv(IReadOnlyList<BenchResult> results)
    {
        var csv = new CsvWriter(context.Output);
        csv.Write("case", "ns_per_page", "baseline_ns_per_page", "ratio", "per_second");
        foreach (BenchResult result in results)
        {
            csv.Write(
                result.Case, result.NsPerPage.ToString("R", CultureInfo.InvariantCulture),
                result.BaselineNsPerPage.ToString("R", CultureInfo.InvariantCulture), result.Ratio.ToString("R", CultureInfo.InvariantCulture),
                result.PerSecond?.ToString("R", CultureInfo.InvariantCulture) ?? "");
        }
    }
}
