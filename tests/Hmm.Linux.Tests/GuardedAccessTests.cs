using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Hmm.Linux.Tests;

/// <summary>Accesses that may fail.</summary>
public sealed unsafe class GuardedAccessTests : IDisposable
{
    private readonly nuint _page = (nuint)LinuxException.Check(
        MemoryMap.MapAnonymous(0, 2 * MemoryMap.PageSize, MemoryProtection.ReadWrite), "mmap", "mapping two pages");

    public void Dispose() => _ = MemoryMap.Unmap(_page, 2 * MemoryMap.PageSize);

    [Fact]
    public void WhatWasStoredIsLoadedInEverySize()
    {
        Assert.True(GuardedAccess.Store(_page + 8, 0x1122334455667788UL).IsNone);
        Assert.True(GuardedAccess.Load(_page + 8, out ulong eight).IsNone);
        Assert.True(GuardedAccess.Load(_page + 8, out uint four).IsNone);
        Assert.True(GuardedAccess.Load(_page + 8, out ushort two).IsNone);
        Assert.True(GuardedAccess.Load(_page + 8, out byte one).IsNone);
        Assert.Equal((0x1122334455667788UL, 0x55667788U, 0x7788, 0x88), (eight, four, two, one));

        Assert.True(GuardedAccess.Store(_page + 8, (byte)1).IsNone);
        Assert.True(GuardedAccess.Store(_page + 10, (ushort)2).IsNone);
        Assert.True(GuardedAccess.Store(_page + 12, 3U).IsNone);
        Assert.Equal(0x0000000300027701UL, *(ulong*)(_page + 8));
        Assert.Equal(0UL, *(ulong*)_page);
        Assert.Equal(0UL, *(ulong*)(_page + 16));
        Assert.Throws<ArgumentException>(() => GuardedAccess.Load(_page, out decimal _));
    }

    [Fact]
    public void NoAdditionIsLostAndOneThatFaultsComesBack()
    {
        const int Turns = 100_000;
        Thread other = new(AddMany);
        other.Start();
        AddMany();
        other.Join();
        Assert.True(GuardedAccess.FetchAdd(_page + 8, -7, out long before).IsNone);
        Assert.Equal((2 * Turns, (2 * Turns) - 7), (before, *(long*)(_page + 8)));
        Assert.Equal(0, MemoryMap.Protect(_page, MemoryMap.PageSize, MemoryProtection.Read));
        MemoryFault fault = GuardedAccess.FetchAdd(_page + 8, 1, out _);
        Assert.Equal((MemorySignal.Sigsegv, _page + 8), (fault.Signal, fault.Address));
        Assert.Equal((2 * Turns) - 7, *(long*)(_page + 8));

        void AddMany()
        {
            for (int i = 0; i < Turns; i++)
            {
                _ = GuardedAccess.FetchAdd(_page + 8, 1, out _);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(4097)]
    public void BytesAreCopiedBothWays(int length)
    {
        byte[] source = [.. Enumerable.Range(1, length).Select(i => (byte)i)];
        byte[] target = new byte[length];
        Assert.True(GuardedAccess.Copy(_page + 3, source).IsNone);
        Assert.True(GuardedAccess.Copy(target, _page + 3).IsNone);
        Assert.Equal(source, target);
        Assert.Equal(0, *(byte*)(_page + 3 + (nuint)length));
    }

    [Fact]
    public void ACopyIntoNothingSaysWhereItStopped()
    {
        _ = MemoryMap.Protect(_page + MemoryMap.PageSize, MemoryMap.PageSize, MemoryProtection.None);
        byte[] source = [.. Enumerable.Repeat((byte)9, 100)];
        Assert.Equal(
            new MemoryFault(MemorySignal.Sigsegv, _page + MemoryMap.PageSize, 2), GuardedAccess.Copy(_page + MemoryMap.PageSize - 40, source));
        Assert.Equal(9, *(byte*)(_page + MemoryMap.PageSize - 40));
    }

    [Fact]
    public void NothingMappedIsSigsegvWithReason1()
    {
        Assert.Equal(new MemoryFault(MemorySignal.Sigsegv, 16, 1), GuardedAccess.Load(16, out ulong _));
        Assert.Equal(new MemoryFault(MemorySignal.Sigsegv, 24, 1), GuardedAccess.Store(24, 1));
    }

    [Fact]
    public void AStoreThatTheMappingForbidsIsSigsegvWithReason2()
    {
        _ = MemoryMap.Protect(_page, MemoryMap.PageSize, MemoryProtection.Read);
        Assert.True(GuardedAccess.Load(_page, out int _).IsNone);
        Assert.Equal(new MemoryFault(MemorySignal.Sigsegv, _page + 4, 2), GuardedAccess.Store(_page + 4, 1));
    }

    [Fact]
    public void BeyondTheEndOfAFileIsSigbus()
    {
        using var file = MemoryFile.Create("hmm-tests", MemoryMap.PageSize);
        Assert.Equal((nint)_page, MemoryMap.MapShared(_page, 2 * MemoryMap.PageSize, MemoryProtection.ReadWrite, file, 0));
        Assert.True(GuardedAccess.Store(_page, 7).IsNone);
        Assert.Equal(new MemoryFault(MemorySignal.Sigbus, _page + MemoryMap.PageSize, 2), GuardedAccess.Load(_page + MemoryMap.PageSize, out int _));
    }

    [Fact]
    public void ANullReferenceIsStillAnException()
    {
        _ = GuardedAccess.Load(8, out byte _);
        for (int i = 0; i < 100; i++)
        {
            Assert.Throws<NullReferenceException>(() => LengthOf(null!));
            Assert.Equal(MemorySignal.Sigsegv, GuardedAccess.Load(8, out byte _).Signal);
        }
    }

    [Fact]
    public void ManyThreadsFaultAtOnceAndEachGetsItsOwnAddress()
    {
        int wrong = 0;
        Thread[] threads = [.. Enumerable.Range(1, 8).Select(number => new Thread(() =>
        {
            for (nuint i = 1; i <= 2000; i++)
            {
                nuint address = ((nuint)number * 512) + (i % 64 * 8);
                if (GuardedAccess.Load(address, out long _) != new MemoryFault(MemorySignal.Sigsegv, address, 1)
                    || !GuardedAccess.Load(_page, out long _).IsNone
                    || (i % 100 == 0 && !Catches()))
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => Assert.True(thread.Join(Arena.Limit)));
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void AFaultElsewhereStillEndsTheProcess()
    {
        int? code = Child.Run(nameof(Child.TouchWildlyFromNativeCode));
        // The runtime ends itself: by SIGSEGV, or by SIGABRT after telling where it happened.
        Assert.True(code is 128 + 11 or 128 + 6, $"exit code {code}");
    }

    [Fact]
    public void AManagedAccessThatGetsSigbusEndsTheProcessAndSaysWhere()
    {
        int? code = Child.Run(nameof(Child.TouchBeyondTheEndOfAFile), out string messages);
        Assert.Equal(128 + 6, code);
        Assert.Contains(nameof(AccessViolationException), messages, StringComparison.Ordinal);
        Assert.Contains(nameof(Child.TouchBeyondTheEndOfAFile), messages, StringComparison.Ordinal);
    }

    [LiveFact]
    public void AThreadThatWaitsInAnAccessKeepsNoCollectionWaiting() => Assert.Equal(0, Child.Run(nameof(Child.CollectWhileAThreadWaits)));

    [Fact]
    public void AnAccessAllocatesNothing()
    {
        byte[] target = new byte[16];
        _ = GuardedAccess.Load(8, out long _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _ = GuardedAccess.Load(8, out long _);
            _ = GuardedAccess.Store(_page, i);
            _ = GuardedAccess.Copy(target, _page);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static bool Catches()
    {
        try
        {
            return LengthOf(null!) < 0;
        }
        catch (NullReferenceException)
        {
            return true;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LengthOf(string text) => text.Length;
}
