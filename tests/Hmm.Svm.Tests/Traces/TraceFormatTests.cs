using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hmm.Core.Addressing;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Traces;

/// <summary>What is written is read again, to where it is good.</summary>
public sealed class TraceFormatTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20_000)]
    public void WhatIsWrittenIsReadAgain(int count)
    {
        List<PageAccess> accesses = TraceBytes.Many(count, seed: 1);
        Assert.Equal(accesses, TraceBytes.Read(TraceBytes.Write(accesses), out TraceReader reader));
        Assert.Null(reader.Damage);
        Assert.Equal(count, reader.Records);
        Assert.Equal(count, reader.Summary!.Records);
    }

    [Fact]
    public void TheExtremesOfTheAddressSpaceAndOfTimeFit()
    {
        const ulong LastPage = (PageConstants.UserSpaceEnd >> PageConstants.PageShift) - 1;
        List<PageAccess> accesses =
        [
            new(0, AccessKind.Read, 0, 1, 0), new(31, AccessKind.Atomic, LastPage, 1, 1), new(1, AccessKind.Write, 0, uint.MaxValue, long.MaxValue),
        ];
        Assert.Equal(accesses, TraceBytes.Read(TraceBytes.Write(accesses), out _));
    }

    [Fact]
    public void ASequentialReadTakesAByteAnAccess()
    {
        IEnumerable<PageAccess> accesses = Enumerable.Range(0, 100_000).Select(i => new PageAccess(1, AccessKind.Read, (ulong)i + 5000, 1, i * 10L));
        Assert.InRange(TraceBytes.Write(accesses).Length, 100_000, 101_500);
    }

    [Fact]
    public void TheSummaryIsKnownBeforeTheFirstAccessIsRead()
    {
        byte[] bytes = TraceBytes.Write(
            [new(1, AccessKind.Read, 16, 2, 5), new(0, AccessKind.Write, 17, 1, 9)], "made by hand",
            new TraceMapping(VirtualRange.FromPages(VirtualAddress.FromPage(16), 4), "x"));
        using TraceReader reader = new(new MemoryStream(bytes), "t.hmmt");
        Assert.Equal(9, reader.Summary!.LastTime);
        Assert.Equal(2, reader.Summary.PagesTouched);
        Assert.Equal(1, reader.Summary.Devices);
        Assert.Equal("x", Assert.Single(reader.Summary.Mappings).Name);
        Assert.Equal(4UL, Assert.Single(reader.Ranges).PageCount);
        Assert.True(reader.TryRead(new PageAccess[4], out int count));
        Assert.Equal(2, count);
        Assert.Equal("made by hand", reader.Origin);
    }

    [Fact]
    public void APipeIsReadToo()
    {
        List<PageAccess> accesses = TraceBytes.Many(5000, seed: 2);
        using TraceReader reader = new(new OneWayStream(TraceBytes.Write(accesses)), "-");
        Assert.Null(reader.Summary);
        List<PageAccess> read = [];
        PageAccess[] buffer = new PageAccess[100];
        while (reader.TryRead(buffer, out int count))
        {
            read.AddRange(buffer.Take(count));
        }

        Assert.Equal(accesses, read);
        Assert.Equal(5000, reader.Summary!.Records);
    }

    [Fact]
    public void WithoutNamesTouchedPagesAreTheMappings()
    {
        byte[] bytes = TraceBytes.Write(
            [new(1, AccessKind.Read, 1000, 1, 0), new(1, AccessKind.Read, 1511, 2, 0), new(1, AccessKind.Read, 2026, 1, 0)]);
        using TraceReader reader = new(new MemoryStream(bytes), "t.hmmt");
        Assert.Equal(
            [VirtualRange.FromPages(VirtualAddress.FromPage(1000), 513), VirtualRange.FromPages(VirtualAddress.FromPage(2026), 1)], reader.Ranges);
    }

    [Fact]
    public void EveryCutReadsToWhereItIsGoodAndSaysSo()
    {
        List<PageAccess> accesses = TraceBytes.Many(3000, seed: 3);
        byte[] bytes = TraceBytes.Write(accesses);
        int reached = 0;
        for (int length = TraceFormat.HeaderBytes; length < bytes.Length; length += 37)
        {
            List<PageAccess> good = TraceBytes.Read(bytes[..length], out TraceReader reader);
            Assert.True(good.Count >= reached);
            reached = good.Count;
            Assert.Equal(accesses.Take(good.Count), good);
            Assert.Matches($@"^t\.hmmt:\d+: the trace is truncated here: {good.Count} accesses are good", reader.Damage);
        }

        Assert.True(reached > 2500);
    }

    [Fact]
    public void NoDamagedByteGoesUnnoticed()
    {
        List<PageAccess> accesses = TraceBytes.Many(200, seed: 4);
        byte[] bytes = TraceBytes.Write(accesses, "origin");
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x41;
            TraceReader? reader = null;
            Exception? failure = Record.Exception(() => TraceBytes.Read(damaged, out reader));
            if (failure is not null)
            {
                Assert.IsType<TraceFormatException>(failure);
                Assert.Matches(@"^t\.hmmt:\d+: \S.*\.$", failure.Message);
            }
            else
            {
                // A length that points behind the end looks like a cut.
                Assert.NotNull(reader!.Damage);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("HMM")]
    [InlineData("time,agent,op,address,size\n")]
    public void WhatIsNoTraceIsRefused(string text)
    {
        TraceFormatException failure = Assert.Throws<TraceFormatException>(
            () => new TraceReader(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text)), "x"));
        Assert.Equal("x:0: this is not a trace; 'hmm trace import' makes one from text.", failure.Message);
    }

    [Fact]
    public void ANewerVersionIsRefused()
    {
        byte[] bytes = TraceBytes.Write([]);
        bytes[8] = 2;
        Assert.Equal(
            "t.hmmt:8: the trace has version 2; this program reads version 1.",
            Assert.Throws<TraceFormatException>(() => TraceBytes.Read(bytes, out _)).Message);
    }

    [Fact]
    public void AWriterThatIsNotCompletedLeavesATruncatedTrace()
    {
        MemoryStream stream = new();
        using (TraceWriter writer = new(stream, ""))
        {
            writer.Write(new PageAccess(1, AccessKind.Read, 7, 1, 0));
        }

        Assert.Single(TraceBytes.Read(stream.ToArray(), out TraceReader reader));
        Assert.NotNull(reader.Damage);
    }

    [Fact]
    public void WrongAccessesAreRefused()
    {
        using TraceWriter writer = new(new MemoryStream(), "");
        writer.Write(new PageAccess(0, AccessKind.Read, 7, 1, 10));
        Assert.Throws<ArgumentException>(() => writer.Write(new PageAccess(0, AccessKind.Read, 7, 1, 9)));
        Assert.Throws<ArgumentException>(() => writer.Write(new PageAccess(0, AccessKind.Read, 7, 0, 10)));
        Assert.Throws<ArgumentException>(() => writer.Write(new PageAccess(32, AccessKind.Read, 7, 1, 10)));
        Assert.Throws<ArgumentException>(() => writer.Write(new PageAccess(0, AccessKind.Read, 1UL << 40, 1, 10)));
    }

    [Fact]
    public void ReadingAllocatesNothing()
    {
        byte[] bytes = TraceBytes.Write(TraceBytes.Many(100_000, seed: 5));
        using TraceReader reader = new(new MemoryStream(bytes), "t");
        PageAccess[] buffer = new PageAccess[512];
        Assert.True(reader.TryRead(buffer, out _));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Assert.True(reader.TryRead(buffer, out _));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>A stream that only reads on.</summary>
    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
