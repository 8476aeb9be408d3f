using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Workloads;

namespace Hmm.Cli.Replaying;

/// <summary>What can be named on the command line of <c>hmm replay</c>.</summary>
internal static class ReplayList
{
    public static void Write(TextWriter output)
    {
        Section(output, "workloads (settings)", WorkloadCatalog.Entries.Select(entry => (entry.Name, $"{entry.Summary} ({entry.Settings})")));
        Section(output, "profiles", DriverProfiles.All.Select(profile => (profile.Name, profile.Summary)));
        foreach (IGrouping<string, PolicyEntry> kind in BuiltInPolicies.CreateCatalog().Entries.GroupBy(entry => PolicyEntry.KindName(entry.Kind)))
        {
            Section(output, $"policies: {kind.Key}=", kind.Select(entry => (entry.Name, entry.Summary)));
        }

        Section(output, "defects", ReplayOptionSet.Defects.Select(defect => (ReplayOptionSet.NameOf(defect), "")));
        Section(output, "cost models", CostFile.Names.Select(name => (name, "")));
    }

    private static void Section(TextWriter output, string head, IEnumerable<(string Name, string Summary)> entries)
    {
        output.Write(head + "\n");
        foreach ((string name, string summary) in entries)
        {
            output.Write($"  {name,-16} {summary}".TrimEnd() + "\n");
        }
    }
}
