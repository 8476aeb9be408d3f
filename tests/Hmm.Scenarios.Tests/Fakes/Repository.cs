using System;
using System.IO;

namespace Hmm.Scenarios.Tests;

/// <summary>Where the repository is, seen from the tests.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Directory.Packages.props")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The repository's root is not above the tests.");
        }

        return folder;
    }
}
