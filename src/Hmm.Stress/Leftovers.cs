using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Hmm.Stress;

/// <summary>What this process has of live memory: descriptors and mappings. After all spaces are disposed it must be what it was before the first one.</summary>
/// <remarks>Thread-safe: immutable. Counts all spaces of the process.</remarks>
/// <param name="Descriptors">Open descriptors of userfaultfd, of files in memory, and of pools.</param>
/// <param name="Mappings">Mappings of files in memory.</param>
internal sealed record Leftovers(int Descriptors, int Mappings)
{
    /// <summary>Counts.</summary>
    public static Leftovers Count() => new(
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(entry => IsOurs(TargetOf(entry))),
        File.ReadLines("/proc/self/maps").Count(line => line.Contains("/memfd:hmm-", StringComparison.Ordinal)));

    /// <summary>What is more than it was, as words; empty if nothing is.</summary>
    public IEnumerable<string> Exceeding(Leftovers before)
    {
        (string What, int Now, int Before)[] kinds = [("descriptors", Descriptors, before.Descriptors), ("mappings", Mappings, before.Mappings)];
        return kinds.Where(kind => kind.Now > kind.Before).Select(kind => $"{kind.Now - kind.Before} {kind.What}");
    }

    private static bool IsOurs(string target) => target.Contains("/memfd:hmm-", StringComparison.Ordinal)
        || target.Contains("userfaultfd", StringComparison.Ordinal)
        || (target.StartsWith(Path.GetTempPath(), StringComparison.Ordinal) && target.EndsWith(" (deleted)", StringComparison.Ordinal));

    private static string TargetOf(string entry)
    {
        try
        {
            return new FileInfo(entry).LinkTarget ?? "";
        }
        catch (IOException)
        {
            // Closed meanwhile.
            return "";
        }
    }
}
