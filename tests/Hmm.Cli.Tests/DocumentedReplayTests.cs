using System;
using System.IO;

namespace Hmm.Cli.Tests;

/// <summary>The replay that the documents show is the one that the command gives.</summary>
public sealed class DocumentedReplayTests : IDisposable
{
    private const string Input = "stencil:size=8MiB";

    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/replay.md")]
    public void TheTableIsWhatTheCommandWrites(string document)
    {
        string shown = File.ReadAllText(Path.Combine(Root(), document));
        Assert.Contains($"./hmm replay {Input} --device-memory 200% 100% 75% 50%\n", shown, StringComparison.Ordinal);
        Assert.Contains(Run("replay", Input, "--device-memory", "200%", "100%", "75%", "50%"), shown, StringComparison.Ordinal);
    }

    [Fact]
    public void ThePictureIsWhatTheCommandDraws()
    {
        string picture = Path.Combine(_folder.Path, "stencil.svg");
        Run("replay", Input, "--device-memory", "75%", "--picture", picture);
        Assert.Equal(File.ReadAllText(Path.Combine(Root(), "docs", "images", "stencil-75-percent.svg")), File.ReadAllText(picture));
    }

    private static string Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(0, HmmApplication.Run(arguments, output, error));
        return output.ToString();
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hmm.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not lie in the repository.");
    }
}
