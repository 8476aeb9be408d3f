using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hmm.Cli.Options;
using Hmm.Cli.Output;
using Hmm.Cli.Replaying;
using Hmm.Cli.Tracing;
using Hmm.Svm.Replay;
using Hmm.Svm.Reports;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm replay TRACE|WORKLOAD</c>: what happens with this pattern of accesses, this device memory and this driver.</summary>
internal sealed class ReplayCommand(CommandContext context, ReplaySettings settings)
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string?>("INPUT")
        {
            Description = "A trace, or a workload: saxpy, or with settings saxpy:size=64MiB,rounds=5. See --list.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var list = new Option<bool>("--list") { Description = "List workloads, profiles, policies, defects and cost models." };
        var machine = new Option<string>("--machine") { Description = "Where it runs: on simulated memory, or on real memory of this process.", DefaultValueFactory = _ => MachineCatalog.Default, HelpName = "sim|live" };
        machine.AcceptOnlyFromAmong([.. MachineCatalog.Names]);
        var options = new ReplayOptionSet();
        InputFile.RefuseOptions(name);
        var command = new Command("replay", "Replay a trace, or run a workload, under drivers, device memories and policies.") { name, list, machine };
        options.AddTo(command);
        command.SetAction(result =>
        {
            if (result.GetValue(list))
            {
                return ReplayList.Write(context, options.Format(result));
            }

            try
            {
                ReplaySettings settings = options.Read(result) with { MachineName = result.GetRequiredValue(machine) };
                string input = result.GetValue(name) ?? throw new FormatException("Name a trace or a workload before the options. Try 'hmm replay --list'.");
                return new ReplayCommand(context, settings).Run(input);
            }
            catch (FormatException failure)
            {
                context.Error.WriteLine("hmm: " + failure.Message);
                return ExitCodes.Usage;
            }
        });
        return command;
    }

    private int Run(string name)
    {
        ReplayInput input = ReplayInput.Open(name, context.Cancellation);
        CheckFiles(input);
        ReplayMatrix matrix = new(input, settings, context.Cancellation);
        IReadOnlyList<ReplayOptions> configurations = matrix.Configurations();
        if (settings.Picture is not null && configurations.Count > 1)
        {
            throw new FormatException($"A --picture shows one run, and there are {configurations.Count}; --html shows all.");
        }

        Action<string>? tell = settings.Explains && settings.Format == OutputFormat.Text ? line => context.Output.Write(line + "\n") : null;
        IReadOnlyList<ReportRun> runs = WorkProgress.Run(
            "replay", input.Accesses * configurations.Count, !settings.IsQuiet && tell is null, progress => matrix.Run(configurations, tell, progress));
        Write(input, runs);
        WriteFiles(input, matrix.Mappings, runs);
        return Verdict(input, runs);
    }

    // Found out before the run: what was written is gone when the run has ended.
    private void CheckFiles(ReplayInput input)
    {
        foreach (string file in new[] { settings.Html, settings.Picture }.OfType<string>())
        {
            if (!input.IsWorkload && TraceFiles.AreSame(file, input.Name))
            {
                throw new FormatException($"{file} is the trace itself; write to another file.");
            }
        }

        if (settings is { Html: { } page, Picture: { } picture } && TraceFiles.AreSame(page, picture))
        {
            throw new FormatException($"--html and --picture both name {page}; write to two files.");
        }
    }

    private int Verdict(ReplayInput input, IReadOnlyList<ReportRun> runs)
    {
        if (runs[0].Report.Damage is { } damage)
        {
            context.Error.WriteLine(damage);
        }

        foreach (ReportRun run in runs.Where(run => run.Difference is not null))
        {
            context.Error.WriteLine($"hmm: {input.Name} with {run.Label} computed something wrong: {run.Difference}");
        }

        return runs.Any(run => run.Difference is not null) ? ExitCodes.CheckFailed : ExitCodes.Success;
    }

    private void Write(ReplayInput input, IReadOnlyList<ReportRun> runs)
    {
        switch (settings.Format)
        {
            case OutputFormat.Json:
                ReplayDocument document = new(
                    ReplayDocument.SchemaName, settings.MachineName, input.Name, input.Note, input.TouchedBytes, settings.Costs.Name, runs[0].Report.Damage,
                    [.. runs.Select(run => new ReplayDocument.Run(run.Label, Result(input, run), run.Difference, run.Report, run.Decisions))]);
                context.Output.Write(JsonSerializer.Serialize(document, ReportContext.Readable.ReplayDocument) + "\n");
                break;
            case OutputFormat.Csv:
                WriteCsv(input, runs);
                break;
            default:
                new ReplayText(context.Output).Write(input, runs);
                break;
        }
    }

    // On live memory the contents of a trace's pages are checked too.
    private static string? Result(ReplayInput input, ReportRun run) =>
        !input.IsWorkload && run.Report.Measured is null ? null : run.Difference is null ? "right" : "wrong";

    private void WriteCsv(ReplayInput input, IReadOnlyList<ReportRun> runs)
    {
        var csv = new CsvWriter(context.Output);
        csv.Write(["input", "profile", "device_memory", "policies", "costs", "result", .. ReportColumn.All.Select(column => column.Name), "machine", .. ReportColumn.Measured.Select(column => column.Name)]);
        foreach (ReportRun run in runs)
        {
            string policies = string.Join(' ', run.Report.Policies.OrderBy(policy => policy.Key, StringComparer.Ordinal).Select(policy => $"{policy.Key}={policy.Value}"));
            csv.Write(
            [
                input.Name, run.Report.Profile, run.Report.DeviceMemoryBytes.ToString(CultureInfo.InvariantCulture), policies, settings.Costs.Name,
                Result(input, run) ?? "", .. ReportColumn.All.Select(column => column.Value(run.Report).ToString(CultureInfo.InvariantCulture)), settings.MachineName,
                .. ReportColumn.Measured.Select(column => run.Report.Measured is null ? "" : column.Value(run.Report).ToString(CultureInfo.InvariantCulture)),
            ]);
        }
    }

    private void WriteFiles(ReplayInput input, IReadOnlyList<TraceMapping> mappings, IReadOnlyList<ReportRun> runs)
    {
        if (settings.Picture is { } picture)
        {
            using StreamWriter file = new(TraceFiles.Create(picture));
            file.Write(RunPicture.Draw(runs[0].Recording!, $"{input.Name} with {runs[0].Label}: addresses downwards, time to the right", mappings, isStandalone: true));
        }

        if (settings.Html is { } page)
        {
            using StreamWriter file = new(TraceFiles.Create(page));
            HtmlReport.Write(file, input.Name, input.Note, runs, mappings);
        }
    }
}
