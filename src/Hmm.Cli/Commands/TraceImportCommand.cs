using System;
using System.CommandLine;
using System.IO;
using Hmm.Cli.Tracing;
using Hmm.Svm.Reports;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm trace import FILE</c>: makes a trace of text.</summary>
internal sealed class TraceImportCommand(CommandContext context, string format, LackeyOptions options, long? window, bool isQuiet)
{
    private const string Automatic = "auto";
    private const int HeadBytes = 4096;

    public static Command Create(CommandContext context)
    {
        var file = new Argument<string>("FILE") { Description = "What valgrind's lackey wrote, or rows time,agent,op,address,size; - is the standard input." };
        var from = new Option<string>("--from") { Description = "What the text is.", DefaultValueFactory = _ => Automatic, HelpName = "auto|lackey|csv" };
        from.AcceptOnlyFromAmong(Automatic, "lackey", "csv");
        var options = new ImportOptions();
        InputFile.RefuseOptions(file);
        var command = new Command("import", "Make a trace of the text that valgrind's lackey wrote, or of CSV.") { file, from };
        options.AddTo(command);
        command.SetAction(result => new TraceImportCommand(
            context, result.GetValue(from) ?? Automatic, options.Lackey(result), options.Window(result), options.IsQuiet(result))
            .Run(result.GetRequiredValue(file), options.Output(result)));
        return command;
    }

    private int Run(string file, string? output)
    {
        if (output is null && file == InputFile.StandardInput)
        {
            context.Error.WriteLine("hmm: say with --output where the trace goes. Try 'hmm trace import --help'.");
            return ExitCodes.Usage;
        }

        output ??= Path.GetFileNameWithoutExtension(file) + TraceFiles.Extension;
        if (file != InputFile.StandardInput && TraceFiles.AreSame(file, output))
        {
            context.Error.WriteLine($"hmm: {output}: the trace would replace the file that it is made of; name another one with --output.");
            return ExitCodes.Usage;
        }

        using Stream input = TraceFiles.Open(file);
        using Stream text = WithHead(input, file, out string kind);
        ImportOutcome outcome = default!;
        TraceSummary summary = TraceFiles.Make(output, $"imported from {Path.GetFileName(file)} ({kind})", writer =>
            outcome = WorkProgress.Run("import", TraceFiles.LengthOf(input), !isQuiet, progress => Import(text, file, kind, writer, progress)));
        if (summary.Records == 0)
        {
            context.Error.WriteLine($"{file}: there is no access in it; no trace was written.");
            return ExitCodes.Inconclusive;
        }

        if (outcome.IsCut)
        {
            context.Error.WriteLine($"{file}:{outcome.Lines}: the last line is cut off and was left out.");
        }

        Say(context, output, summary, isQuiet);
        return ExitCodes.Success;
    }

    /// <summary>Says what was written.</summary>
    public static void Say(CommandContext context, string output, TraceSummary summary, bool isQuiet)
    {
        if (!isQuiet)
        {
            string bytes = InputFile.IsSpecial(output) ? "" : ", " + Quantity.Bytes((ulong)new FileInfo(output).Length);
            string others = summary.RawAccesses > summary.Records ? $" (of {summary.RawAccesses}; the others repeat them)" : "";
            context.Error.WriteLine($"{output}: {summary.Records} accesses{others} to {summary.PagesTouched} pages{bytes}.");
        }
    }

    private ImportOutcome Import(Stream text, string file, string kind, TraceWriter writer, Action<long> progress)
    {
        void Tell(long position)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            progress(position);
        }

        return kind == "csv"
            ? CsvImporter.Import(text, file, writer, window ?? 0, Tell)
            : LackeyImporter.Import(text, file, writer, options, Tell);
    }

    /// <summary>Looks at the first line to see what the text is; the result still begins with it.</summary>
    private HeadedStream WithHead(Stream input, string file, out string kind)
    {
        byte[] head = new byte[HeadBytes];
        int length = input.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> first = head.AsSpan(0, length);
        if (TraceReader.IsTrace(first))
        {
            throw new TraceFormatException(file, 0, "this is a trace already; 'hmm trace info' shows what is in it.");
        }

        int end = first.IndexOf((byte)'\n');
        first = (end >= 0 ? first[..end] : first).TrimEnd((byte)'\r');
        kind = format != Automatic ? format : LackeyImporter.IsLackey(first) ? "lackey" : "csv";
        return new HeadedStream(head.AsMemory(0, length), input);
    }
}
