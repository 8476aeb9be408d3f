using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text.Json;
using Hmm.Cli.Options;
using Hmm.Cli.Output;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm test PATH...</c>: compares every scenario's answers with the recorded ones.</summary>
internal sealed class TestCommand(CommandContext context, CommonSettings settings)
{
    public static Command Create(CommandContext context)
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Scenarios, or folders that are searched for *.hmm.",
            Arity = ArgumentArity.OneOrMore,
        };
        var options = new CommonOptions();
        InputFile.RefuseOptions(paths);
        var command = new Command("test", "Run scenarios and compare their answers with the recorded ones.") { paths };
        options.AddTo(command);
        command.SetAction(result => new TestCommand(context, options.Read(result)).Run(result.GetRequiredValue(paths)));
        return command;
    }

    private int Run(string[] paths)
    {
        bool isComplete = ScenarioSearch.TryFind(paths, context.Error, out IReadOnlyList<string> files);
        if (!isComplete && files.Count == 0)
        {
            return ExitCodes.InputOutput;
        }

        var batch = new TestBatch(files, settings);
        IReadOnlyList<FileResult> results = TestProgress.Run(batch, context, isShown: !settings.IsQuiet);
        var report = new TestReport(
            TestReport.SchemaName,
            ProgramVersion.Text,
            settings.MachineName,
            files.Count,
            results.Count(result => result.Verdict == FileVerdict.Passed),
            results.Count(result => result.Verdict is not (FileVerdict.Passed or FileVerdict.Skipped)),
            results.Count(result => result.Verdict == FileVerdict.Skipped),
            [.. results.SelectMany(Failures)],
            Skips(results));
        Write(report, results);
        foreach (FileResult result in results.Where(result => result.Problem is not null))
        {
            context.Error.WriteLine(LongWords.Cut($"{result.File}: {result.Problem}"));
        }

        return results.Any(result => result.Verdict == FileVerdict.Crashed) ? ExitCodes.InternalError
            : !isComplete || results.Any(result => result.Verdict == FileVerdict.Unreadable) ? ExitCodes.InputOutput
            : report.Failed > 0 ? ExitCodes.CheckFailed
            : report.Passed == 0 ? ExitCodes.Inconclusive
            : ExitCodes.Success;
    }

    private static IEnumerable<TestFailure> Failures(FileResult result) => result.Problem is not null
        ? [new TestFailure(result.File, 0, "", "a scenario that can be read", result.Problem)]
        : result.Differences.Select(one => new TestFailure(result.File, one.Line, one.Command, one.Expected, one.Actual));

    private static List<TestSkip>? Skips(IReadOnlyList<FileResult> results)
    {
        List<TestSkip> skips = [.. results.Where(result => result.MissingWord is not null).Select(result => new TestSkip(result.File, result.MissingWord!))];
        return skips.Count > 0 ? skips : null;
    }

    private void Write(TestReport report, IReadOnlyList<FileResult> results)
    {
        switch (settings.Format)
        {
            case OutputFormat.Json:
                context.Output.Write(JsonSerializer.Serialize(report, ReportContext.Readable.TestReport) + "\n");
                break;
            case OutputFormat.Csv:
                WriteCsv(report);
                break;
            default:
                WriteText(report, results);
                break;
        }
    }

    private void WriteText(TestReport report, IReadOnlyList<FileResult> results)
    {
        foreach (FileResult result in results.Where(result => result.Differences.Count > 0))
        {
            int more = result.Differences.Count - 1;
            string rest = more == 0 ? "" : more == 1 ? " (and 1 more)" : $" (and {more} more)";
            context.Output.Write($"{result.File}:{result.Differences[0].Line}: {result.Differences[0]}{rest}\n");
        }

        if (!settings.IsQuiet)
        {
            foreach (IGrouping<string, TestSkip> word in (report.Skips ?? []).GroupBy(skip => skip.Word).OrderByDescending(word => word.Count()))
            {
                context.Output.Write($"skipped: word '{word.Key}': {word.Count()} {(word.Count() == 1 ? "file" : "files")}\n");
            }

            context.Output.Write(
                $"{report.Files} {(report.Files == 1 ? "file" : "files")}: {report.Passed} passed, {report.Failed} failed, "
                + $"{report.Skipped} skipped\n");
        }
    }

    private void WriteCsv(TestReport report)
    {
        var csv = new CsvWriter(context.Output);
        csv.Write("file", "line", "command", "expected", "actual");
        foreach (TestFailure failure in report.Failures)
        {
            csv.Write(failure.File, InputFile.Number(failure.Line), failure.Command, failure.Expected, failure.Actual);
        }
    }
}
