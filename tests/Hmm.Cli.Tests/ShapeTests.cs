using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Hmm.Cli.Shapes;

namespace Hmm.Cli.Tests;

/// <summary>docs/shapes.md says what the model gives. Time is modelled, so it gives the same everywhere.</summary>
public sealed class ShapeTests
{
    public static TheoryData<string> Names => [.. ShapeCatalog.All.Select(shape => shape.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ThePageSaysWhatTheModelGives(string name)
    {
        ShapeClaim claim = ShapeCatalog.All.Single(shape => shape.Name == name).Check(new ShapeRuns(CancellationToken.None));
        string verdict = claim.Verdict.ToString().ToLowerInvariant();
        string row = $"| `{name}` | {claim.Claim} ({claim.Source}) | {claim.Published} | {claim.Ours} | {verdict} |";

        Assert.Equal(name, claim.Name);
        Assert.Contains(row, Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void ThePageListsNothingElse()
    {
        IEnumerable<string> listed = Page().Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);

        Assert.Equal(ShapeCatalog.All.Select(shape => shape.Name), listed);
    }

    private static string Page()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hmm.slnx")))
        {
            folder = folder.Parent;
        }

        return File.ReadAllText(Path.Combine(folder!.FullName, "docs", "shapes.md"));
    }
}
