using System;
using System.Collections.Generic;
using System.CommandLine;
using Hmm.Cli.Options;
using Hmm.Cli.Output;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm record FILE</c>: writes the answers into the file.</summary>
internal static class RecordCommand
{
    public static Command Create(CommandContext context)
    {
        var file = new Argument<string>("FILE") { Description = "The scenario; its answers are replaced." };
        var options = new CommonOptions();
        InputFile.RefuseOptions(file);
        var command = new Command("record", "Run a scenario and write the answers into its file.") { file };
        options.AddTo(command, hasFormat: false);
        command.SetAction(result => Record(context, options.Read(result), result.GetRequiredValue(file)));
        return command;
    }

    private static int Record(CommandContext context, CommonSettings settings, string file)
    {
        try
        {
            if (!InputFile.CanBeReplaced(file, out string? obstacle))
            {
                context.Error.WriteLine(LongWords.Cut($"{file}: {obstacle}"));
                return ExitCodes.InputOutput;
            }

            if (MachineCatalog.FindMissingWord(settings.MachineName, ScenarioFile.Read(file)) is { } word)
            {
                context.Error.WriteLine($"{file}: {MachineCatalog.Refusal(settings.MachineName, word)}");
                return ExitCodes.Inconclusive;
            }

            using IScenarioMachine machine = settings.CreateMachine();
            IReadOnlyList<LineOutcome> wrong = ScenarioRecorder.Record(file, new ScenarioRunner(machine), context.Cancellation);
            foreach (LineOutcome outcome in wrong)
            {
                context.Error.WriteLine(LongWords.Cut($"{file}:{outcome.Line.Number}: {outcome.Answer?.Reason ?? outcome.Line.Reason}"));
            }

            return wrong.Count == 0 ? ExitCodes.Success : ExitCodes.CheckFailed;
        }
        catch (Exception failure) when (InputFile.IsExpected(failure))
        {
            context.Error.WriteLine(LongWords.Cut($"{file}: {InputFile.Explain(file, failure)}"));
            return ExitCodes.InputOutput;
        }
    }
}
