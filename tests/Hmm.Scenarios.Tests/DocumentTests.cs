using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Running;
using Hmm.Scenarios.Tests.Fakes;

namespace Hmm.Scenarios.Tests;

public sealed class DocumentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hmm-documents-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ATranscriptKeepsCommentsAndHasOneAnswerAfterEachCommand() => Assert.Equal(
        "# story\n\nmap a anon 2\n= ok\n  load a  \n= 0*2\n# middle\n\nload a[0..0]\n=\nwhat\n= error\n",
        Transcript("# story\n\nmap a anon 2\n  load a  \n# middle\n= 7\n\n= 8\nload a[0..0]\nwhat"));

    [Fact]
    public void ATranscriptOfATranscriptIsTheSame()
    {
        string once = Transcript("map a anon 2\nload a\n#end");
        Assert.Equal(once, Transcript(once));
        Assert.EndsWith("#end", once, StringComparison.Ordinal);
    }

    [Fact]
    public void LineEndingsAreKept() => Assert.Equal(
        "# x\r\nmap a anon 1\r\n= ok\r\nload a\n= 0\r\n", Transcript("# x\r\nmap a anon 1\r\n= 3\r\nload a\n= 0"));

    [Fact]
    public void DifferencesHaveTheLineOfTheCommand()
    {
        List<ScenarioDifference> differences = Differences(
            "# x\nmap a anon 1\n= ok\nload a\n= 7\nload a[0]\nload b\nunmap b\n= error\n= 3\nload c\n= 0\n");
        Assert.Equal(
            [
                "4 load a: expected 7, got 0",
                "7 load b: expected a command that can run, got error (No mapping has the name 'b')",
                "10 = 3: expected a command before this answer, got none",
                "11 load c: expected 0, got error (No mapping has the name 'c')",
            ],
            differences.Select(one => $"{one.Line} {one}"));
    }

    [Fact]
    public void RecordingReplacesAnswersAndNothingElse()
    {
        string path = Write("# c\r\nmap a anon 1\r\n= EFAULT\r\nload a\r\nnonsense\r\n");
        IReadOnlyList<LineOutcome> wrong = ScenarioRecorder.Record(path, new ScenarioRunner(new FakeMachine()));
        Assert.Equal(5, Assert.Single(wrong).Line.Number);
        Assert.Equal("# c\r\nmap a anon 1\r\n= ok\r\nload a\r\n= 0\r\nnonsense\r\n= error\r\n", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void RecordingThroughALinkKeepsTheLinkAndTheMode()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string path = Write("map a anon 1\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, path);
        ScenarioRecorder.Record(link, new ScenarioRunner(new FakeMachine()));
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.Equal("map a anon 1\n= ok\n", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void WhatIsNoTextIsRefused()
    {
        Assert.Throws<InvalidDataException>(() => ScenarioFile.Read(new MemoryStream([0xff, 0xfe, 0x41])));
        Assert.Throws<InvalidDataException>(() => ScenarioFile.Read(new MemoryStream([0x41, 0x00])));
        Assert.Throws<InvalidDataException>(() => ScenarioFile.Read("/dev/zero"));
    }

    [Fact]
    public void AnEmptyFileIsAScenarioOfNothing()
    {
        Assert.Empty(ScenarioDocument.Parse("").Lines);
        Assert.Equal("", Transcript(""));
        Assert.False(ScenarioDocument.Parse("load a\n").HasAnswers);
    }

    private static string Transcript(string text)
    {
        ScenarioDocument document = ScenarioDocument.Parse(text);
        using var output = new StringWriter();
        var writer = new TranscriptWriter(output, document);
        foreach (LineOutcome outcome in ScenarioPlayer.Play(document, new ScenarioRunner(new FakeMachine())))
        {
            writer.Write(outcome);
        }

        return output.ToString();
    }

    private static List<ScenarioDifference> Differences(string text) =>
        [
            .. ScenarioPlayer.Play(ScenarioDocument.Parse(text), new ScenarioRunner(new FakeMachine()))
                .Select(ScenarioComparer.Compare).OfType<ScenarioDifference>(),
        ];

    private string Write(string text)
    {
        string path = Path.Combine(_folder, "scenario.hmm");
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }
}
