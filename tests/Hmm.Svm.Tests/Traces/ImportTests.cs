using System.Collections.Generic;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Traces;

/// <summary>Text becomes a trace.</summary>
public sealed class ImportTests
{
    private const string Lackey = "==7== Lackey, an example Valgrind tool\nI  0401ab70,3\n S 1fff000558,8\nI  0401ab73,5\n L 1fff000ffc,8\n M 04222cac,4\n==7== \n";

    [Fact]
    public void LackeyLinesBecomeAccessesInInstructionTime()
    {
        List<PageAccess> accesses = TraceBytes.Lackey(Lackey, new LackeyOptions { WindowNs = 0 }, out ImportOutcome outcome);
        Assert.Equal(
            [
                new(1, AccessKind.Write, 0x1fff000, 1, 0), new(1, AccessKind.Read, 0x1fff000, 2, 1), new(1, AccessKind.Write, 0x4222, 1, 1),
            ],
            accesses);
        Assert.Equal(new ImportOutcome(7, 3, IsCut: false), outcome);
    }

    [Fact]
    public void InstructionsCountIfTheyAreWanted()
    {
        LackeyOptions options = new() { WindowNs = 0, HasInstructions = true, Agent = 0, NsPerInstruction = 5 };
        List<PageAccess> accesses = TraceBytes.Lackey(Lackey, options, out _);
        Assert.Equal(5, accesses.Count);
        Assert.Equal(new PageAccess(0, AccessKind.Read, 0x401a, 1, 0), accesses[0]);
        Assert.Equal(5, accesses[^1].Time);
    }

    [Theory]
    [InlineData("hello\n", 1)]
    [InlineData("I  0401ab70,3\n L zz,8\n", 2)]
    [InlineData(" L 10,0\n", 1)]
    [InlineData(" L ffffffffff600000,8\n", 1)]
    public void AWrongLackeyLineIsNamed(string text, int line)
    {
        TraceFormatException failure = Assert.Throws<TraceFormatException>(() => TraceBytes.Lackey(text, new LackeyOptions(), out _));
        Assert.StartsWith($"a.txt:{line}: ", failure.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public void ACutLastLineIsLeftOutAndSaidSo()
    {
        Assert.Single(TraceBytes.Lackey(" L 5000,8\n L 60", new LackeyOptions(), out ImportOutcome outcome));
        Assert.True(outcome.IsCut);
        Assert.Single(TraceBytes.Csv("0,cpu,read,0x5000,8\n5,cpu,re", out outcome));
        Assert.True(outcome.IsCut);
    }

    [Fact]
    public void RowsBecomeAccesses()
    {
        List<PageAccess> accesses = TraceBytes.Csv(
            "time,agent,op,address,size\r\n# a comment\n\n0,cpu,write,0x10000,4096\n5,dev0,R,69631,2\n5, 2 ,atomic,0x7fff00000000,4\n9,gpu1,prefetch,0x10000,1\n",
            out ImportOutcome outcome);
        Assert.Equal(
            [
                new(0, AccessKind.Write, 16, 1, 0), new(1, AccessKind.Read, 16, 2, 5), new(2, AccessKind.Atomic, 0x7fff00000, 1, 5),
                new(2, AccessKind.Prefetch, 16, 1, 9),
            ],
            accesses);
        Assert.Equal(4, outcome.Accesses);
    }

    [Theory]
    [InlineData("1,cpu,read,0x10\n", "a row has five fields, time,agent,op,address,size; this one has 4.")]
    [InlineData("1,cpu,read,0x10,1,1\n", "a row has five fields, time,agent,op,address,size; this one has more.")]
    [InlineData("-1,cpu,read,0x10,1\n", "'-1' is not a time: whole nanoseconds from the start.")]
    [InlineData("1,dev31,read,0x10,1\n", "'dev31' is not an agent: cpu or 0, dev0 or 1, dev1 or 2, up to 31.")]
    [InlineData("1,cpu,look,0x10,1\n", "'look' is not an op: read, write, atomic or prefetch, or its first letter.")]
    [InlineData("1,cpu,read,0xg,1\n", "'0xg' is not an address: 0x and hexadecimal digits, or decimal ones.")]
    [InlineData("1,cpu,read,0,17592186044416\n", "the access leaves the user's address space, or reaches over more than 16 TiB of it.")]
    [InlineData("1700000000000000000,cpu,read,0x10,1\n", "time 1700000000000000000 is more than 104 days after the start; times count from the start, not from a date.")]
    [InlineData("1,cpu,read,0x10,0\n", "'0' is not a size: bytes, at least one.")]
    [InlineData("1,cpu,read,0xffffffffffffffff,1\n", "the access leaves the user's address space, or reaches over more than 16 TiB of it.")]
    [InlineData("1,cpu,read,1,18446744073709551615\n", "the access leaves the user's address space, or reaches over more than 16 TiB of it.")]
    public void AWrongRowIsNamed(string row, string problem)
    {
        TraceFormatException failure = Assert.Throws<TraceFormatException>(() => TraceBytes.Csv("0,0,r,0,1\n" + row, out _));
        Assert.Equal("a.csv:2: " + problem, failure.Message);
    }

    [Fact]
    public void TimeMayNotFall()
    {
        TraceFormatException failure = Assert.Throws<TraceFormatException>(() => TraceBytes.Csv("5,0,r,0,1\n4,0,r,0,1\n", out _));
        Assert.Equal("a.csv:2: time 4 comes after time 5; sort the rows by time.", failure.Message);
    }

    [Fact]
    public void ALineWithoutEndIsNoText() =>
        Assert.Contains("longer than", Assert.Throws<TraceFormatException>(() => TraceBytes.Csv(new string('x', 1 << 20), out _)).Message, System.StringComparison.Ordinal);

    [Fact]
    public void RepeatsWithinTheWindowAreDropped()
    {
        List<PageAccess> accesses = TraceBytes.Csv("0,1,r,0x1000,4\n10,1,r,0x1100,4\n20,1,w,0x1000,4\n30,1,r,0x1000,4\n200,1,r,0x1000,4\n", out _, windowNs: 100);
        Assert.Equal([(AccessKind.Read, 0L), (AccessKind.Write, 20), (AccessKind.Read, 200)], accesses.ConvertAll(access => (access.Kind, access.Time)));
    }

    [Fact]
    public void AnotherAgentsTouchEndsTheWindow()
    {
        List<PageAccess> accesses = TraceBytes.Csv("0,1,w,0x1000,4\n1,0,r,0x1000,4\n2,1,w,0x1000,4\n3,1,w,0x1000,4\n", out _, windowNs: 100);
        Assert.Equal([1, 0, 1], accesses.ConvertAll(access => access.Agent));
    }

    [Fact]
    public void APrefetchStandsForNoAccess()
    {
        List<PageAccess> accesses = TraceBytes.Csv("0,1,p,0x1000,4\n1,1,r,0x1000,4\n2,1,p,0x1000,4\n", out _, windowNs: 100);
        Assert.Equal([AccessKind.Prefetch, AccessKind.Read], accesses.ConvertAll(access => access.Kind));
    }
}
