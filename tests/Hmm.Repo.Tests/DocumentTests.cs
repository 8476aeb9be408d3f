using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Hmm.Repo.Tests;

/// <summary>What the documents promise about the tree.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void EveryRelativeLinkLeadsSomewhere()
    {
        List<string> broken = [];
        foreach (string file in Tree.Files(".md"))
        {
            foreach (Match link in Link().Matches(WithoutCode(File.ReadAllText(file))))
            {
                string target = link.Groups["target"].Value;
                string path = target.Split('#')[0];
                bool isElsewhere = target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal);
                string full = Path.Combine(Path.GetDirectoryName(file)!, path);
                if (!isElsewhere && path.Length > 0 && !File.Exists(full) && !Directory.Exists(full))
                {
                    broken.Add($"{Tree.Name(file)}: {target}");
                }
            }
        }

        Assert.Equal("", string.Join('\n', broken));
    }

    [Fact]
    public void EveryScenarioThatADocumentNamesExists()
    {
        HashSet<string> known = [.. Tree.Files(".hmm").Select(file => Path.GetFileNameWithoutExtension(file))];
        string text = File.ReadAllText(Path.Combine(Tree.Root, "docs", "linux-behaviour.md"));
        IEnumerable<string> named = Scenario().Matches(text).Select(match => match.Groups["name"].Value);
        Assert.Equal("", string.Join('\n', named.Where(name => !known.Contains(name))));
    }

    [Theory]
    [InlineData("hello-device.cs")]
    [InlineData("hello-live.cs")]
    public void TheReadmeShowsTheExampleAsItIs(string name)
    {
        string example = File.ReadAllText(Path.Combine(Tree.Root, "examples", name));
        Assert.Contains(example, File.ReadAllText(Path.Combine(Tree.Root, "README.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mirror-2019.cs")]
    [InlineData("mirror-2020.cs")]
    public void ThePageOnMirroringShowsTheProgramsAsTheyAre(string name)
    {
        string program = File.ReadAllText(Path.Combine(Tree.Root, "examples", name));
        Assert.Contains(program, File.ReadAllText(Path.Combine(Tree.Root, "docs", "mirroring.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void TheReadmeShowsTheScenarioAsItIs()
    {
        string scenario = File.ReadAllText(Path.Combine(Tree.Root, "examples", "first-mirror.hmm"));
        Assert.Contains(scenario, File.ReadAllText(Path.Combine(Tree.Root, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void TheArchitectureListsEveryNumberedRuleOfTheCode()
    {
        string architecture = File.ReadAllText(Path.Combine(Tree.Root, "ARCHITECTURE.md"));
        IEnumerable<string> rules = Tree.Files(".cs", "src/Hmm.Core")
            .SelectMany(file => Rule().Matches(File.ReadAllText(file)).Select(match => match.Value))
            .Distinct()
            .Order(StringComparer.Ordinal);
        Assert.Equal("", string.Join('\n', rules.Where(rule => !architecture.Contains(rule, StringComparison.Ordinal))));
    }

    private static string WithoutCode(string text) => Code().Replace(text, "");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]+`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"`(?<name>(?:account|advise|exclusive|fault|file|fork|huge|migrate|mirror|mixed|pin|poison|protect|range|remap|selftest|shared|snapshot|swap|twodev)-[\w-]+)`")]
    private static partial Regex Scenario();

    [GeneratedRegex(@"\b(?:INV|NTF)-\d\d\b")]
    private static partial Regex Rule();
}
