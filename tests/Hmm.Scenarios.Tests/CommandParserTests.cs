using System;
using System.IO;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hmm.Scenarios.Documents;
using Hmm.Scenarios.Language;

namespace Hmm.Scenarios.Tests;

public sealed class CommandParserTests
{
    [Theory]
    [InlineData("map a anon 4")]
    [InlineData("map a anon 4 none shared huge at=b+12")]
    [InlineData("map f file 0 r shared")]
    [InlineData("map m mixed 4 rwx")]
    [InlineData("c: unmap a[2..5]")]
    [InlineData("load g[-2..2]")]
    [InlineData("store a[-1] 255")]
    [InlineData("remap a[1..3] b")]
    [InlineData("remap a b 4")]
    [InlineData("advise a populate_write")]
    [InlineData("pin a write")]
    [InlineData("unpin")]
    [InlineData("exit")]
    [InlineData("fork c_1")]
    [InlineData("dev1 write a[3] 7")]
    [InlineData("dev0 release")]
    [InlineData("dev0 range a default=f mask=fw 0..2=fw 5=f 6..10= foreign")]
    public void ACommandPrintsAsItWasWritten(string text) => Assert.Equal(text, Parsed(text).ToString());

    [Theory]
    [InlineData("  c:load   a\t[0]", null)]
    [InlineData("map a anon 4 at=b shared rw", "map a anon 4 shared at=b+0")]
    [InlineData("p0: load a[3..4]", "load a[3]")]
    [InlineData("dev0 range a mask= default=wf", "dev0 range a default=fw")]
    [InlineData("pin\ta   write", "pin a write")]
    public void OrderAndBlanksDoNotMatter(string text, string? plain)
    {
        bool isCommand = CommandParser.TryParse(text, out ScenarioCommand? command, out _);
        Assert.Equal(plain, isCommand ? command!.ToString() : null);
    }

    [Theory]
    [InlineData("fooo a", "'fooo' is not a command; the commands are map, unmap,")]
    [InlineData("load", "is missing")]
    [InlineData("load a b", "'b' is one word too many")]
    [InlineData("load a[", "does not name pages")]
    [InlineData("load a[]", "'' is not a page number")]
    [InlineData("load a[5..2]", "ends before it starts")]
    [InlineData("load a[99999999999999999999]", "too large")]
    [InlineData("load a[4503599627370497]", "too large")]
    [InlineData("load 4a", "does not name pages")]
    [InlineData("store a 256", "from 0 to 255")]
    [InlineData("store a -1", "from 0 to 255")]
    [InlineData("map a anon", "the number of pages is missing")]
    [InlineData("map a anon -4", "is not a number of pages")]
    [InlineData("map a anon 18446744073709551617", "too large")]
    [InlineData("map a swap 4", "it is one of anon, file, mixed")]
    [InlineData("map a anon 4 r rw", "second permission")]
    [InlineData("map a anon 4 big", "not an option of map")]
    [InlineData("map a anon 4 at=+3", "does not name a place")]
    [InlineData("map 1 anon 4", "is not a name")]
    [InlineData("protect a x", "is not a permission")]
    [InlineData("advise a nicely", "is not an advice")]
    [InlineData("dev0", "is missing")]
    [InlineData("dev2 read a", "is not a command")]
    [InlineData("dev0 jump a", "nothing that a device does")]
    [InlineData("dev0 range a 3=x", "other than the letters f and w")]
    [InlineData("dev0 range a 3", "not an option of range")]
    [InlineData(": load a", "is not the name of a process")]
    [InlineData("c:", "the command is missing")]
    [InlineData("pin a read", "not an option of pin")]
    public void WhatIsNoCommandGetsAReason(string text, string reason)
    {
        Assert.False(CommandParser.TryParse(text, out _, out string? actual));
        Assert.Contains(reason, actual, StringComparison.Ordinal);
    }

    [Fact]
    public void ReasonsNeverShowControlCharactersOrEndlessWords()
    {
        Assert.False(CommandParser.TryParse("\u001b[31m" + new string('x', 1000), out _, out string? reason));
        Assert.DoesNotContain('\u001b', reason!);
        Assert.True(reason!.Length < 250, reason);
    }

    [Fact]
    public void NoTextMakesTheParserThrow() =>
        Prop.ForAll<string>(text => CommandParser.TryParse(text ?? "", out _, out string? reason) == (reason is null))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void NoMixtureOfTheLanguagesOwnWordsMakesItThrowAndCommandsPrintAndParseAgain()
    {
        string[] words =
        [
            "map", "a", "anon", "4", "0", "-3", "rw", "at=a+1", "huge", "dev0", "read", "range", "a[1]", "a[-2..9]", "load", "store", "7",
            "c:", "f", "0..3=fw", "=", "..", "[", "99999999999999999999", "write", "remap", "b", "exit", "mask=f", "fork", "é", "pin",
            "advise", "cold",
        ];
        Gen<string> lines = Gen.Elements(words).ArrayOf().Select(picked => string.Join(' ', picked.Take(7)));
        Prop.ForAll(lines.ToArbitrary(), line =>
        {
            if (!CommandParser.TryParse(line, out ScenarioCommand? command, out string? reason))
            {
                return reason.Length > 0;
            }

            return Parsed(command.ToString()).ToString() == command.ToString();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void EveryRecordedScenarioParses()
    {
        string[] files = Directory.GetFiles(Path.Combine(Repository.Root, "conformance"), "*.hmm", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            ScenarioDocument document = ScenarioFile.Read(file);
            Assert.All(document.Lines, line => Assert.Null(line.Reason));
            Assert.All(document.Lines.Where(line => line.Command is not null), line => Assert.NotNull(line.Expected));
        }
    }

    private static ScenarioCommand Parsed(string text)
    {
        Assert.True(CommandParser.TryParse(text, out ScenarioCommand? command, out string? reason), reason);
        return command;
    }
}
