using System;
using System.IO;
using System.Linq;

namespace Hmm.Cli.Tests;

/// <summary>What docs/explain.md shows of an example is what the command writes.</summary>
public sealed class DocumentedExplainTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void TheSimulatedMachinesPartIsWhatTheCommandWrites() => AssertShown("sim", "load a[1]", "store a[1] 8");

    [LiveFact]
    public void LiveMemorysPartIsWhatTheCommandWrites() => AssertShown("live", "dev0 migrate a", "load a[1]", "store a[1] 8");

    private static void AssertShown(string machine, params string[] commands)
    {
        string shown = File.ReadAllText(Path.Combine(Root, "docs", "explain.md"));
        string scenario = Path.Combine(Root, "examples", "device-page-returns.hmm");
        CommandOutcome outcome = HmmProcess.Run("explain", "--machine", machine, scenario);
        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        string[] blocks = outcome.Output.Split("\n\n");
        Assert.Contains(
            string.Join("\n\n", commands.Select(command => blocks.Single(block => block.StartsWith(command + "\n", StringComparison.Ordinal)))),
            shown,
            StringComparison.Ordinal);
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
