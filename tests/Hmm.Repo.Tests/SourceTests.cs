using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Hmm.Repo.Tests;

/// <summary>The rules of CONTRIBUTING.md that a text search can check.</summary>
public sealed partial class SourceTests
{
    private const int LinesMax = 400;

    private static readonly string[] TextEndings = [".cs", ".csproj", ".props", ".md", ".hmm", ".json", ".slnx", "/hmm", "/test", "/run"];

    [Fact]
    public void NoFileIsLong() => AssertNone(
        from file in Tree.Files(".cs", "src", "tests", "examples")
        let lines = File.ReadLines(file).Count()
        where lines > LinesMax
        select $"{Tree.Name(file)} has {lines} lines; at most {LinesMax}.");

    [Fact]
    public void AFileHoldsOnePublicTypeAndIsNamedLikeIt() => AssertNone(
        from file in Tree.Files(".cs", "src")
        let types = PublicType().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value).Distinct().ToList()
        let name = Path.GetFileName(file).Split('.')[0]
        where types.Count > 1 || (types.Count == 1 && types[0] != name)
        select $"{Tree.Name(file)} holds {string.Join(", ", types)}.");

    [Fact]
    public void EveryPublicTypeOfTheEngineSaysWhetherThreadsMayShareIt() => AssertNone(
        from file in Tree.Files(".cs", "src/Hmm.Core")
        from Match match in DocumentedType().Matches(File.ReadAllText(file))
        group match.Groups["doc"].Value by match.Groups["name"].Value into docs
        where !docs.Any(doc => doc.Contains("hread", StringComparison.Ordinal))
        select $"{docs.Key} does not say whether it is thread-safe.");

    [Fact]
    public void NothingIsLeftToBeDone() => AssertNone(
        from file in Tree.Files(".cs", "src")
        from line in File.ReadLines(file)
        where Unfinished().IsMatch(line)
        select $"{Tree.Name(file)}: {line.Trim()}");

    [Theory]
    [InlineData("Hmm.Core")]
    [InlineData("Hmm.Simulation")]
    [InlineData("Hmm.Linux")]
    [InlineData("Hmm.Pager")]
    public void TheEngineNeedsNoPackage(string project)
    {
        string text = File.ReadAllText(Path.Combine(Tree.Root, "src", project, project + ".csproj"));
        Assert.DoesNotContain("PackageReference", text, StringComparison.Ordinal);
    }

    [Fact]
    public void TheEngineHasNoClockNoThreadsAndNoFiles() => AssertNone(
        from file in Tree.Files(".cs", "src/Hmm.Core")
        let found = Outside().Match(File.ReadAllText(file))
        where found.Success
        select $"{Tree.Name(file)} uses {found.Value}");

    [Fact]
    public void NoPlaceOfOneMachineIsNamed() => AssertNone(
        from file in Texts()
        let found = LocalPath().Match(File.ReadAllText(file))
        where found.Success
        select $"{Tree.Name(file)} names {found.Value}");

    private static IEnumerable<string> Texts() => TextEndings.SelectMany(ending => Tree.Files(ending));

    private static void AssertNone(IEnumerable<string> complaints) => Assert.Equal("", string.Join('\n', complaints));

    [GeneratedRegex(@"^public (?:(?:static|sealed|abstract|readonly|unsafe|partial|ref) )*(?:class|struct|record struct|record|interface|enum|delegate \S+) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"(?<doc>(?:^///.*\r?\n)*)(?:^\[.*\r?\n)*^public (?:(?:static|sealed|abstract|readonly|unsafe|partial|ref|record) )*(?:class|struct|record|interface) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex DocumentedType();

    [GeneratedRegex(@"\bTO" + @"DO\b|\bFIX" + @"ME\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(?<![\w.])(?:DateTime|Stopwatch|TimeProvider\.System|Random|new Thread\(|Task\.Run|ThreadPool|File\.(?:Open|Read|Write)|FileStream|Console|Environment\.)")]
    private static partial Regex Outside();

    [GeneratedRegex(@"(?<![\w./~])/(?:home|root|Users|work|mnt)/[\w.-]+")]
    private static partial Regex LocalPath();
}
