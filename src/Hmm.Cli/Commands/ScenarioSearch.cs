using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Hmm.Cli.Commands;

/// <summary>Finds the scenarios that the command line means.</summary>
internal static class ScenarioSearch
{
    /// <summary>Files as they are named, folders searched; each file once, those of a folder in ordinal order.</summary>
    /// <returns>Whether every path could be looked into; what could not is said on stderr.</returns>
    public static bool TryFind(IEnumerable<string> paths, TextWriter error, out IReadOnlyList<string> files)
    {
        bool isComplete = true;
        var found = new List<string>();
        foreach (string path in paths)
        {
            if (!Directory.Exists(path))
            {
                isComplete &= File.Exists(path) || Refuse(error, path, "no such file or folder");
                if (File.Exists(path))
                {
                    found.Add(path);
                }

                continue;
            }

            var inside = new List<string>();
            isComplete &= Search(path, inside, error);
            inside.Sort(StringComparer.Ordinal);
            found.AddRange(inside);
        }

        files = [.. found.DistinctBy(Path.GetFullPath)];
        return isComplete;
    }

    private static bool Search(string folder, List<string> found, TextWriter error)
    {
        try
        {
            found.AddRange(Directory.EnumerateFiles(folder, "*.hmm"));
            bool isComplete = true;
            foreach (string inner in Directory.EnumerateDirectories(folder))
            {
                // A linked folder may lead back up; what it holds is tested where it really is.
                if (new DirectoryInfo(inner).LinkTarget is null)
                {
                    isComplete &= Search(inner, found, error);
                }
            }

            return isComplete;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Refuse(error, folder, failure is UnauthorizedAccessException ? "permission denied" : failure.Message);
        }
    }

    private static bool Refuse(TextWriter error, string path, string reason)
    {
        error.WriteLine($"{path}: {reason}");
        return false;
    }
}
