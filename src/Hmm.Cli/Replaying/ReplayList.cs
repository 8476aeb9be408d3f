using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hmm.Cli.Options;
using Hmm.Cli.Output;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Workloads;

namespace Hmm.Cli.Replaying;

/// <summary>What can be named on the command line of <c>hmm replay</c>.</summary>
internal static class ReplayList
{
    private const string Workloads = "workloads";

    /// <summary>Writes it all.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(CommandContext context, OutputFormat format)
    {
        IReadOnlyList<ListDocument.Entry> entries = [.. Entries()];
        switch (format)
        {
            case OutputFormat.Json:
                context.Output.Write(JsonSerializer.Serialize(new ListDocument(ListDocument.SchemaName, entries), ReportContext.Readable.ListDocument) + "\n");
                break;
            case OutputFormat.Csv:
                var csv = new CsvWriter(context.Output);
                csv.Write("section", "name", "summary", "settings");
                foreach (ListDocument.Entry entry in entries)
                {
                    csv.Write(entry.Section, entry.Name, entry.Summary, entry.Settings);
                }

                break;
            default:
                WriteText(context.Output, entries);
                break;
        }

        return ExitCodes.Success;
    }

    private static IEnumerable<ListDocument.Entry> Entries() =>
    [
        .. WorkloadCatalog.Entries.Select(entry => new ListDocument.Entry(Workloads, entry.Name, entry.Summary, entry.Settings)),
        .. DriverProfiles.All.Select(profile => new ListDocument.Entry("profiles", profile.Name, profile.Summary)),
        .. BuiltInPolicies.CreateCatalog().Entries.GroupBy(entry => PolicyEntry.KindName(entry.Kind))
            .SelectMany(kind => kind.Select(entry => new ListDocument.Entry($"policies: {kind.Key}=", entry.Name, entry.Summary))),
        .. ReplayOptionSet.Defects.Select(defect => new ListDocument.Entry("defects", ReplayOptionSet.NameOf(defect), "")),
        .. CostFile.Names.Select(name => new ListDocument.Entry("cost models", name, "")),
    ];

    private static void WriteText(TextWriter output, IEnumerable<ListDocument.Entry> entries)
    {
        foreach (IGrouping<string, ListDocument.Entry> section in entries.GroupBy(entry => entry.Section))
        {
            output.Write(section.Key == Workloads ? $"{Workloads} (settings)\n" : section.Key + "\n");
            foreach (ListDocument.Entry entry in section)
            {
                output.Write($"  {entry.Name,-16} {entry.Summary}{(entry.Settings.Length > 0 ? $" ({entry.Settings})" : "")}".TrimEnd() + "\n");
            }
        }
    }
}
