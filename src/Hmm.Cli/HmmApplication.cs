using System;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Hmm.Cli.Commands;
using Hmm.Cli.Output;

namespace Hmm.Cli;

/// <summary>The <c>hmm</c> command: from arguments to an exit code.</summary>
internal static class HmmApplication
{
    public static int Run(string[] arguments, TextWriter output, TextWriter errorOutput)
    {
        using var error = new MessageWriter(errorOutput);
        using var interrupt = new Interrupt();
        using var data = new DataWriter(output);
        var context = new CommandContext(data, error, interrupt.Token)
        {
            IsTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected,
        };
        try
        {
            int code = Invoke(arguments, context);
            data.Flush();
            return code;
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            TryFlush(data);
            error.WriteLine("hmm: interrupted.");
            return ExitCodes.Interrupted;
        }
        catch (OutputClosedException)
        {
            return ExitCodes.InputOutput;
        }
        catch (OutOfMemoryException)
        {
            TryFlush(data);
            error.WriteLine("hmm: the host has not enough memory for this.");
            return ExitCodes.MissingCapability;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine("hmm: " + failure.Message);
            return ExitCodes.InputOutput;
        }
        catch (PlatformNotSupportedException failure)
        {
            error.WriteLine("hmm: " + failure.Message);
            return ExitCodes.MissingCapability;
        }
        catch (Exception failure)
        {
            // The last line of defence: whatever it is, the caller gets a code and a place to look.
            TryFlush(data);
            error.WriteLine($"hmm: internal error: {failure.GetType().Name}: {failure.Message}");
            if (Environment.GetEnvironmentVariable("HMM_DEBUG") == "1")
            {
                error.WriteLine(failure);
            }

            return ExitCodes.InternalError;
        }
    }

    private static int Invoke(string[] arguments, CommandContext context)
    {
        // Not a RootCommand: that one calls itself by the name of the assembly.
        var root = new Command("hmm", "Linux's heterogeneous memory management in user space.\n\n" + ExitCodes.Description)
        {
            new HelpOption(),
            new VersionOption(),
            RunCommand.Create(context),
            TestCommand.Create(context),
            ExplainCommand.Create(context),
            RecordCommand.Create(context),
            BenchCommand.Create(context),
            StressCommand.Create(context),
            DoctorCommand.Create(context),
            TraceCommand.Create(context),
            ReplayCommand.Create(context),
        };

        // A file may well be called @name; it is not a list of arguments.
        ParseResult result = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Errors.Count > 0)
        {
            string message = string.Join(' ', Complaint(result).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            string stop = message.EndsWith('.') ? "" : ".";
            context.Error.WriteLine($"hmm: {LongWords.Cut(message)}{stop} Try '{NameOf(result.CommandResult)} --help'.");
            return ExitCodes.Usage;
        }

        return result.Invoke(new InvocationConfiguration
        {
            Output = context.Output,
            Error = context.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    // A word where only certain words can be is more to the point than that one of them is missing.
    private static string Complaint(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        if (command.Subcommands.Count == 0)
        {
            // The parser speaks of types of .NET.
            return Regex.Replace(
                result.Errors[0].Message, "^Cannot parse argument '(.*)' for option '(.*)' as expected type '.*'.$", "'$1' is not a number for $2.");
        }

        string choices = string.Join(", ", command.Subcommands.Select(choice => choice.Name));
        return result.UnmatchedTokens is [string word, ..] && !word.StartsWith('-') ? $"'{word}' is not one of {choices}."
            : result.UnmatchedTokens.Count == 0 ? $"One of {choices} is needed."
            : result.Errors.First(error => error.Message.Contains(result.UnmatchedTokens[0], StringComparison.Ordinal)).Message;
    }

    private static string NameOf(CommandResult command) =>
        command.Parent is CommandResult above ? $"{NameOf(above)} {command.Command.Name}" : command.Command.Name;

    private static void TryFlush(DataWriter data)
    {
        try
        {
            data.Flush();
        }
        catch (Exception failure) when (failure is IOException or OutputClosedException)
        {
            // The first failure is the one to report.
        }
    }
}
