using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hmm.Cli.Output;
using Hmm.Live;

namespace Hmm.Cli.Commands;

/// <summary><c>hmm doctor</c>: whether live memory works here, and what to change if not.</summary>
internal sealed class DoctorCommand(CommandContext context, string format)
{
    public static Command Create(CommandContext context)
    {
        var format = new Option<string>("--format") { Description = "How results are written.", DefaultValueFactory = _ => "text", HelpName = "text|json|csv" };
        format.AcceptOnlyFromAmong("text", "json", "csv");
        var pool = new Option<string>("--pool")
        {
            Description = "The directory where pools in files shall lie.",
            DefaultValueFactory = _ => Path.GetTempPath(),
            HelpName = "DIRECTORY",
        };
        var command = new Command("doctor", "Say what this host gives to live memory; exit code 3 if live memory does not work.") { format, pool };
        command.SetAction(result => new DoctorCommand(context, result.GetValue(format) ?? "text").Run(result.GetValue(pool) ?? Path.GetTempPath()));
        return command;
    }

    private int Run(string poolDirectory)
    {
        LiveProbe probe = LiveProbe.Run(poolDirectory);
        var document = new DoctorDocument(
            DoctorDocument.SchemaName, probe.IsSufficient, probe.Obstacle,
            [.. probe.Capabilities.Select(found => new DoctorDocument.Finding(
                found.Name, found.State.ToString().ToLowerInvariant(), found.IsNeeded, found.Purpose, found.Detail, found.Remedy))]);
        switch (format)
        {
            case "json":
                context.Output.Write(JsonSerializer.Serialize(document, ReportContext.Readable.DoctorDocument) + "\n");
                break;
            case "csv":
                WriteCsv(document);
                break;
            default:
                WriteText(document);
                break;
        }

        return document.LiveWorks ? ExitCodes.Success : ExitCodes.MissingCapability;
    }

    private void WriteCsv(DoctorDocument document)
    {
        var csv = new CsvWriter(context.Output);
        csv.Write("name", "state", "needed", "purpose", "detail", "remedy");
        foreach (DoctorDocument.Finding found in document.Capabilities)
        {
            csv.Write(found.Name, found.State, found.Needed ? "true" : "false", found.Purpose, found.Detail, found.Remedy ?? "");
        }
    }

    private void WriteText(DoctorDocument document)
    {
        int width = document.Capabilities.Max(found => found.Name.Length);
        foreach (DoctorDocument.Finding found in document.Capabilities)
        {
            string state = found.State == "missing" && !found.Needed ? "missing, not needed" : found.State;
            context.Output.Write($"{found.Name.PadRight(width)}  {state}: {found.Detail} (for {found.Purpose})\n");
            if (found.State != "works" && found.Remedy is { } remedy)
            {
                context.Output.Write($"{"".PadRight(width)}  -> {remedy}\n");
            }
        }

        context.Output.Write(document.Obstacle is { } obstacle ? $"\nLive memory does not work here. {obstacle}\n" : "\nLive memory works here.\n");
    }
}
