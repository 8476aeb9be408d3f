using System;
using System.IO;

namespace Hmm.Cli.Tests;

/// <summary>A folder of scenarios that is gone after the test.</summary>
internal sealed class ScenarioFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hmm-cli-").FullName;

    public string Add(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
