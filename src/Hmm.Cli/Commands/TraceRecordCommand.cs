using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hmm.Cli.Tracing;
using Hmm.Svm.Traces;
using Hmm.Svm.Workloads;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm trace record -- PROGRAM</c>: runs a program under valgrind's lackey and makes a trace of its accesses.</summary>
internal sealed class TraceRecordCommand(CommandContext context, LackeyOptions options, bool isQuiet)
{
    // Lackey writes to descriptor 9, which is the pipe that we read; what the program itself writes to stdout goes to our stderr.
    private const string Shell = "exec valgrind --tool=lackey --trace-mem=yes --log-fd=9 -- \"$@\" 9>&1 1>&2";

    public static Command Create(CommandContext context)
    {
        var program = new Argument<string[]>("PROGRAM") { Description = "A program and its arguments, after --.", Arity = ArgumentArity.ZeroOrMore };
        var workload = new Option<string?>("--workload") { Description = "Record a workload instead, as 'hmm replay' names it, for instance saxpy:size=4MiB.", HelpName = "NAME" };
        var devices = new Option<int>("--devices") { Description = "How many devices share a workload.", DefaultValueFactory = _ => 1, HelpName = "N" };
        var options = new ImportOptions();
        var command = new Command("record", "Run a program under valgrind and make a trace of its accesses: hmm trace record -- PROGRAM.") { program, workload, devices };
        options.AddTo(command);
        command.SetAction(result => new TraceRecordCommand(context, options.Lackey(result), options.IsQuiet(result))
            .Run(result.GetRequiredValue(program), result.GetValue(workload), result.GetValue(devices), options.Window(result), options.Output(result)));
        return command;
    }

    private int Run(string[] program, string? workload, int devices, long? window, string? output)
    {
        if ((program.Length > 0) == (workload is not null) || devices is < 1 or >= Agents.CountMax)
        {
            context.Error.WriteLine("hmm: name a program after --, or a --workload, with 1 to 31 --devices. Try 'hmm trace record --help'.");
            return ExitCodes.Usage;
        }

        return workload is null ? RunProgram(program, output) : RunWorkload(workload, devices, window, output);
    }

    private int RunWorkload(string name, int devices, long? window, string? output)
    {
        Workload workload;
        try
        {
            workload = WorkloadCatalog.Create(name);
        }
        catch (FormatException failure)
        {
            context.Error.WriteLine("hmm: " + failure.Message);
            return ExitCodes.Usage;
        }

        output ??= name.Split(':')[0] + TraceFiles.Extension;
        string? difference = null;
        TraceSummary summary = TraceFiles.Make(output, workload.Description, writer =>
            difference = workload.Run(new PlainMachine(devices, writer, window ?? LackeyOptions.DefaultWindowNs).CreateContext(context.Cancellation)));

        TraceImportCommand.Say(context, output, summary, isQuiet);
        if (difference is not null)
        {
            context.Error.WriteLine($"hmm: {name} computed something wrong: {difference}");
        }

        return difference is null ? ExitCodes.Success : ExitCodes.InternalError;
    }

    private int RunProgram(string[] program, string? output)
    {
        if (Find("valgrind") is null)
        {
            throw new PlatformNotSupportedException(
                "valgrind was not found: install it (for instance 'apt install valgrind'), or import a trace with 'hmm trace import'.");
        }

        string path = Find(program[0]) ?? throw new IOException($"{program[0]}: no such program.");
        output ??= Path.GetFileName(path) + TraceFiles.Extension;
        int code = 0;
        TraceSummary summary = TraceFiles.Make(
            output, "recorded from " + string.Join(' ', program), writer => code = Record([path, .. program[1..]], writer));
        if (summary.Records == 0)
        {
            context.Error.WriteLine($"hmm: valgrind showed no access of {program[0]}; it ended with code {code}.");
            return ExitCodes.Inconclusive;
        }

        TraceImportCommand.Say(context, output, summary, isQuiet);
        if (code != 0)
        {
            context.Error.WriteLine($"hmm: {program[0]} ended with code {code}; its accesses were recorded to there.");
        }

        return context.Cancellation.IsCancellationRequested ? ExitCodes.Interrupted : ExitCodes.Success;
    }

    private int Record(string[] program, TraceWriter writer)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-c", Shell, "sh", .. program])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new IOException("/bin/sh does not start.");

        // The end of the program ends the text, and what came until then is kept.
        using var stop = context.Cancellation.Register(() => Stop(process));
        LackeyImporter.Import(process.StandardOutput.BaseStream, "valgrind", writer, options);
        process.WaitForExit();
        return process.ExitCode;
    }

    private static void Stop(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Where a program is, as a shell finds it; null if it is nowhere.</summary>
    private static string? Find(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return IsProgram(name) ? Path.GetFullPath(name) : null;
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
