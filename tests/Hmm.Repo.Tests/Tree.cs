using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Hmm.Repo.Tests;

/// <summary>The files of this repository, without what a build or git makes.</summary>
internal static class Tree
{
    private static readonly string[] Made = [".git", ".vs", "artifacts", "bin", "obj", "TestResults"];

    public static string Root { get; } = FindRoot();

    /// <summary>Files below folders of the root (the whole tree if none is named), by how their names end.</summary>
    public static IReadOnlyList<string> Files(string ending, params string[] folders)
    {
        IEnumerable<string> starts = folders.Length == 0 ? [Root] : folders.Select(folder => Path.Combine(Root, folder));
        return [.. starts.SelectMany(Walk).Where(file => file.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <summary>A file's path from the root, for messages.</summary>
    public static string Name(string file) => Path.GetRelativePath(Root, file);

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            yield return file;
        }

        foreach (string inner in Directory.EnumerateDirectories(folder).Where(inner => !Made.Contains(Path.GetFileName(inner))))
        {
            foreach (string file in Walk(inner))
            {
                yield return file;
            }
        }
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hmm.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not lie in the repository.");
    }
}
