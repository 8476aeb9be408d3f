using System.Collections.Generic;
using System.CommandLine;
using Hmm.Cli.Explaining;
using Hmm.Cli.Options;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Explaining;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm explain FILE...</c>: the transcript on stdout and, under each command, what happened inside the machine.</summary>
internal sealed class ExplainCommand(CommandContext context, CommonSettings settings, int[] only)
{
    private readonly Screen _screen = Screen.Create(context);
    private bool _hasFailed;
    private bool _isEmpty = true;
    private bool _isRefused;

    public static Command Create(CommandContext context)
    {
        var files = new Argument<string[]>("FILE") { Description = "Scenarios; - is the standard input.", Arity = ArgumentArity.OneOrMore };
        var only = new Option<int[]>("--only")
        {
            Description = "Explain only the command on this line of the file; may be given several times.",
            HelpName = "LINE",
        };
        var live = new LiveOptionSet();
        var options = new CommonOptions("text", "json");
        InputFile.RefuseOptions(files);
        var command = new Command("explain", "Run scenarios and show what each command does inside the machine.") { files, only };
        options.AddTo(command);
        live.AddTo(command);
        command.SetAction(result =>
            new ExplainCommand(context, live.Read(result, options.Read(result)), result.GetValue(only) ?? []).Run(result.GetRequiredValue(files)));
        return command;
    }

    private int Run(string[] files)
    {
        int code = ExitCodes.Success;
        foreach (string file in files)
        {
            if (InputFile.TryRead(file, context.Error, out ScenarioDocument? document))
            {
                if (files.Length > 1 && settings is { Format: OutputFormat.Text, IsQuiet: false })
                {
                    _screen.Write("# " + file, Tone.Quiet);
                }

                if (MachineCatalog.FindMissingWord(settings.MachineName, document) is { } word)
                {
                    _isRefused = true;
                    context.Error.WriteLine($"{file}: {MachineCatalog.Refusal(settings.MachineName, word)}");
                    continue;
                }

                Play(file, document);
            }
            else
            {
                code = ExitCodes.InputOutput;
            }
        }

        if (code == ExitCodes.Success && only.Length > 0 && _isEmpty && !_hasFailed && !_isRefused)
        {
            context.Error.WriteLine($"hmm: no command is on line {string.Join(" or ", only)}.");
            return ExitCodes.Inconclusive;
        }

        return code != ExitCodes.Success ? code
            : _hasFailed ? ExitCodes.CheckFailed
            : _isRefused ? ExitCodes.Inconclusive
            : ExitCodes.Success;
    }

    private void Play(string file, ScenarioDocument document)
    {
        using IScenarioMachine machine = settings.CreateMachine(document, context.Cancellation);
        HashSet<int> wanted = WantedLines(document);
        var tracer = new ScenarioTracer(machine);
        var runner = new ScenarioRunner(machine, tracer);
        var text = new TraceText(_screen, tracer.Places);
        using TraceJson? json = settings.Format == OutputFormat.Json ? new TraceJson(file, settings.MachineName, tracer.Places) : null;
        foreach (LineOutcome outcome in ScenarioPlayer.Play(document, runner, context.Cancellation))
        {
            CommandTrace? trace = outcome.Answer is null ? null : tracer.Take();
            bool isDifferent = AnswerCheck.Report(context.Error, file, outcome);
            _hasFailed |= isDifferent;
            if (!IsWanted(outcome, wanted, isDifferent))
            {
                continue;
            }

            _isEmpty &= outcome.Answer is null;
            if (json is null)
            {
                Write(outcome, trace, text, isDifferent);
            }
            else if (outcome.Answer is not null)
            {
                json.Add(outcome, trace);
            }
        }

        if (json is not null)
        {
            context.Output.Write(json.Finish() + "\n");
        }
    }

    /// <summary>Comments are shown with the whole scenario only.</summary>
    private bool IsWanted(LineOutcome outcome, HashSet<int> wanted, bool isDifferent)
    {
        if (settings.IsQuiet && !isDifferent)
        {
            return false;
        }

        return only.Length == 0 || (outcome.Answer is not null && wanted.Contains(outcome.Line.Number));
    }

    /// <summary>The lines that <c>--only</c> means: of a recorded answer, the command before it.</summary>
    private HashSet<int> WantedLines(ScenarioDocument document)
    {
        var wanted = new HashSet<int>(only);
        int command = 0;
        foreach (ScenarioLine line in document.Lines)
        {
            command = line.Kind == ScenarioLineKind.Command ? line.Number : command;
            if (line.Kind == ScenarioLineKind.Answer && wanted.Contains(line.Number))
            {
                wanted.Add(command);
            }
        }

        return wanted;
    }

    private void Write(LineOutcome outcome, CommandTrace? trace, TraceText text, bool isDifferent)
    {
        if (outcome.Line.Kind is ScenarioLineKind.Answer or ScenarioLineKind.StrayAnswer)
        {
            return;
        }

        if (outcome.Answer is not { } answer)
        {
            _screen.Write(outcome.Line.Text, Tone.Quiet);
            return;
        }

        _screen.Write(outcome.Line.Text, Tone.Command);
        _screen.Write(answer.Text.Length == 0 ? "=" : "= " + answer.Text, isDifferent ? Tone.Bad : Tone.Answer);
        if (trace is not null)
        {
            text.Write(trace);
        }

        _screen.Write("", Tone.Plain);
    }
}
