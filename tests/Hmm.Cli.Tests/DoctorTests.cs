using System;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Hmm.Cli.Tests;

/// <summary><c>hmm doctor</c> from outside.</summary>
public sealed class DoctorTests
{
    [Fact]
    public void TheFormsAgree()
    {
        CommandOutcome json = HmmProcess.Run("doctor", "--format", "json");
        CommandOutcome csv = HmmProcess.Run("doctor", "--format", "csv");
        CommandOutcome text = HmmProcess.Run("doctor");
        using var document = JsonDocument.Parse(json.Output);
        JsonElement root = document.RootElement;
        Assert.Equal("hmm.doctor/1", root.GetProperty("schema").GetString());
        Assert.Equal(root.GetProperty("live_works").GetBoolean() ? 0 : 3, json.Code);
        Assert.Equal((json.Code, json.Code), (csv.Code, text.Code));
        string[] names = [.. root.GetProperty("capabilities").EnumerateArray().Select(found => found.GetProperty("name").GetString()!)];
        Assert.Equal(["name", .. names], csv.Output.TrimEnd().Split('\n').Select(line => line.Split(',')[0]));
        Assert.All(names, name => Assert.Contains("\n" + name + " ", "\n" + text.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void WithoutThePagerLiveMemoryDoesNotWorkAndTheCodeIs3()
    {
        CommandOutcome outcome = HmmProcess.RunWith("HMM_PAGER", "/nowhere/libhmm_pager.so", "doctor", "--format", "json");
        Assert.Equal(3, outcome.Code);
        Assert.Contains("The pager's library /nowhere/libhmm_pager.so is not there.", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a text", "cannot be loaded")]
    [InlineData(null, "is not a pager's library")]
    public void AFileThatIsNoPagerIsNamed(string? content, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("hmm").FullName;
        string path = Path.Combine(folder, "pager.so");
        if (content is null)
        {
            // Some other shared library, which every runtime has.
            File.Copy(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so"), path);
        }
        else
        {
            File.WriteAllText(path, content);
        }

        CommandOutcome outcome = HmmProcess.RunWith("HMM_PAGER", path, "doctor");
        Assert.Equal(3, outcome.Code);
        Assert.Contains(expected, outcome.Output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void TheReasonThatTheBuildLeftIsRepeated()
    {
        string folder = Directory.CreateTempSubdirectory("hmm").FullName;
        File.WriteAllText(Path.Combine(folder, "libhmm_pager.txt"), "The build found neither gcc nor clang.\n");
        CommandOutcome outcome = HmmProcess.RunWith("HMM_PAGER", Path.Combine(folder, "libhmm_pager.so"), "doctor");
        Assert.Equal(3, outcome.Code);
        Assert.Contains("is not there. The build found neither gcc nor clang", outcome.Output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void APoolDirectoryThatCannotBeUsedIsSaidButNotInTheWay()
    {
        CommandOutcome outcome = HmmProcess.Run("doctor", "--pool", "/proc");
        Assert.Contains("pool-file       missing, not needed: making a file without a name in '/proc' failed: open says", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("-> Choose another directory for pools.", outcome.Output, StringComparison.Ordinal);
    }
}
