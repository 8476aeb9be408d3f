using System.Collections.Generic;
using System.CommandLine;
using System.Text.Json;
using Hmm.Cli.Options;
using Hmm.Cli.Output;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm run FILE...</c>: the transcript on stdout, differences from recorded answers on stderr.</summary>
internal sealed class RunCommand(CommandContext context, CommonSettings settings)
{
    private readonly List<RunReportCommand> _rows = [];
    private bool _hasFailed;
    private bool _isRefused;

    public static Command Create(CommandContext context)
    {
        var files = new Argument<string[]>("FILE") { Description = "Scenarios; - is the standard input.", Arity = ArgumentArity.OneOrMore };
        var options = new CommonOptions(mayChoose: true);
        InputFile.RefuseOptions(files);
        var command = new Command("run", "Run scenarios and write what each command answers.") { files };
        options.AddTo(command);
        command.SetAction(result => new RunCommand(context, options.Read(result)).Run(result.GetRequiredValue(files)));
        return command;
    }

    private int Run(string[] files)
    {
        int code = ExitCodes.Success;
        List<(string File, ScenarioDocument Document)> scenarios = [];
        foreach (string file in files)
        {
            if (InputFile.TryRead(file, context.Error, out ScenarioDocument? document))
            {
                scenarios.Add((file, document));
            }
            else
            {
                code = ExitCodes.InputOutput;
            }
        }

        ChooseMachine(scenarios);
        foreach ((string file, ScenarioDocument document) in scenarios)
        {
            if (files.Length > 1 && settings is { Format: OutputFormat.Text, IsQuiet: false })
            {
                context.Output.Write("# " + file + "\n");
            }

            if (MachineCatalog.FindMissingWord(settings.MachineName, document) is { } word)
            {
                _isRefused = true;
                context.Error.WriteLine($"{file}: {MachineCatalog.Refusal(settings.MachineName, word)}");
                continue;
            }

            Play(file, document);
        }

        WriteReport();
        return code != ExitCodes.Success ? code
            : _hasFailed ? ExitCodes.CheckFailed
            : _isRefused ? ExitCodes.Inconclusive
            : ExitCodes.Success;
    }

    private void ChooseMachine(List<(string File, ScenarioDocument Document)> scenarios)
    {
        if (settings.MachineName != MachineCatalog.Auto)
        {
            return;
        }

        settings = settings with { MachineName = MachineCatalog.Choose(scenarios, out string? reason) };
        if (reason != null)
        {
            context.Error.WriteLine($"hmm: {reason}");
        }
    }

    private void Play(string file, ScenarioDocument document)
    {
        using IScenarioMachine machine = settings.CreateMachine(document, context.Cancellation);
        var runner = new ScenarioRunner(machine);
        var transcript = new TranscriptWriter(context.Output, document);
        bool hasTranscript = settings is { Format: OutputFormat.Text, IsQuiet: false };
        foreach (LineOutcome outcome in ScenarioPlayer.Play(document, runner, context.Cancellation))
        {
            if (hasTranscript)
            {
                transcript.Write(outcome);
            }
            else if (outcome.Answer is { } answer && settings.Format != OutputFormat.Text)
            {
                _rows.Add(new RunReportCommand(file, outcome.Line.Number, outcome.Line.Text.Trim(), answer.Text, outcome.Line.Expected));
            }

            _hasFailed |= AnswerCheck.Report(context.Error, file, outcome);
        }
    }

    private void WriteReport()
    {
        if (settings.Format == OutputFormat.Json)
        {
            var report = new RunReport(RunReport.SchemaName, ProgramVersion.Text, settings.MachineName, _rows);
            context.Output.Write(JsonSerializer.Serialize(report, ReportContext.Readable.RunReport) + "\n");
        }
        else if (settings.Format == OutputFormat.Csv)
        {
            var csv = new CsvWriter(context.Output);
            csv.Write("file", "line", "command", "answer", "expected");
            foreach (RunReportCommand row in _rows)
            {
                csv.Write(row.File, InputFile.Number(row.Line), row.Command, row.Answer, row.Expected ?? "");
            }
        }
    }
}
