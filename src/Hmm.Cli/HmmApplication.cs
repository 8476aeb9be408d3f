using System;
using System.CommandLine;
using System.CommandLine.Help;
using System.IO;
using System.Linq;
using Hmm.Cli.Commands;

namespace Hmm.Cli;

/// <summary>The <c>hmm</c> command: from arguments to an exit code.</summary>
internal static class HmmApplication
{
    public static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
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
            TraceCommand.Create(context),
            ReplayCommand.Create(context),
        };

        // A file may well be called @name; it is not a list of arguments.
        ParseResult result = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Errors.Count > 0)
        {
            if (arguments.Length > 0 && arguments[0].Length > 0 && arguments[0][0] != '-' && !root.Subcommands.Any(command => command.Name == arguments[0]))
            {
                context.Error.WriteLine($"hmm: '{arguments[0]}' is not a command. Try 'hmm --help'.");
                return ExitCodes.Usage;
            }

            string message = string.Join(' ', result.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            context.Error.WriteLine($"hmm: {message} Try 'hmm --help'.");
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

    private static void TryFlush(DataWriter data)
    {
        try
        {
            data.Flush();
        }
        catch (IOException)
        {
            // The first failure is the one to report.
        }
    }
}
