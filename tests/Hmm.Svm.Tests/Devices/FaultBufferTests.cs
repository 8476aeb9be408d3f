using System.Runtime.CompilerServices;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Devices;

public class FaultBufferTests
{
    [Fact]
    public void AnEntryIs32BytesAndKeepsItsFields()
    {
        Assert.Equal(32, Unsafe.SizeOf<FaultEntry>());
        foreach (AccessKind kind in (AccessKind[])[AccessKind.Prefetch, AccessKind.Read, AccessKind.Write, AccessKind.Atomic])
        {
            FaultEntry entry = new(0x1_2345_6000, 0x7fff_1234_5000, kind, 0x1_0000_0001, client: 99, gpc: 17) { IsValid = true };
            Assert.Equal((0x1_2345_6000UL, 0x7fff_1234_5000UL, kind), (entry.Instance, entry.Address, entry.Kind));
            Assert.Equal((0x1_0000_0001, 99, 17, true, false), (entry.Time, entry.Client, entry.Gpc, entry.IsValid, entry.IsHub));
        }
    }

    [Fact]
    public void WhatIsWrittenIsReadInOrderAroundTheRing()
    {
        FaultBuffer buffer = new(4);
        for (int i = 0; i < 20; i++)
        {
            Assert.True(buffer.TryWrite(Fault(i)));
            Assert.True(buffer.TryWrite(Fault(i + 100)));
            Assert.True(buffer.TryRead(out FaultEntry first));
            Assert.True(buffer.TryRead(out FaultEntry second));
            Assert.Equal(((ulong)i << 12, (ulong)(i + 100) << 12), (first.Address, second.Address));
        }

        Assert.Equal(0, buffer.Pending);
        Assert.False(buffer.TryRead(out _));
    }

    [Fact]
    public void AFullRingLosesFaultsAndSaysSo()
    {
        FaultBuffer buffer = new(4);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(i < 3, buffer.TryWrite(Fault(i)));
        }

        Assert.Equal((3, 3, 2, true), (buffer.Pending, buffer.Capacity, (int)buffer.Overflows, buffer.HasOverflowed));
    }

    [Fact]
    public void AnUnfinishedEntryIsWaitedForOrLost()
    {
        FaultBuffer buffer = new(8);
        buffer.TryWrite(Fault(1), isFinished: false);
        Assert.False(buffer.TryRead(out _));
        buffer.Finish();
        Assert.True(buffer.TryRead(out FaultEntry entry));
        Assert.True(entry.IsValid);
        buffer.TryWrite(Fault(2), isFinished: false);
        Assert.True(buffer.TryRead(out FaultEntry lost, dropUnfinished: true));
        Assert.False(lost.IsValid);
    }

    [Fact]
    public void AFlushEmptiesUpToAPlaceAndNoFurther()
    {
        FaultBuffer buffer = new(8);
        buffer.TryWrite(Fault(1));
        int put = buffer.Put;
        buffer.TryWrite(Fault(2));
        Assert.Equal(1, buffer.Flush(put));
        Assert.True(buffer.TryRead(out FaultEntry left));
        Assert.Equal(2UL << 12, left.Address);
    }

    private static FaultEntry Fault(int page) => new(1, (ulong)page << 12, AccessKind.Read, 0, 0);
}
