using System.CommandLine;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm trace</c>: makes traces of page accesses, and looks into them.</summary>
internal static class TraceCommand
{
    public static Command Create(CommandContext context) =>
        new("trace", "Make traces of page accesses for 'hmm replay', and look into them.")
        {
            TraceRecordCommand.Create(context),
            TraceImportCommand.Create(context),
            TraceInfoCommand.Create(context),
        };
}
