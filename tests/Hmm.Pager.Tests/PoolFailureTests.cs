using System.Collections.Generic;
using System.IO;
using Hmm.Core;
using Hmm.Linux;
using Hmm.Pager.Devices;

namespace Hmm.Pager.Tests;

public sealed class PoolFailureTests
{
    private const ulong Base = 0xABCD_0000_0000;

    [Fact]
    public void APageThatCannotBeReadRaisesSigbusAndItsNeighboursComeBack()
    {
        FaultyPool pool = new();
        using Arena arena = new(pool, 16, readAheadPages: 8);
        arena.Fill(Base);
        Assert.Equal(16, arena.MoveOut());
        pool.Break(Base + 5);

        for (ulong page = 0; page < 16; page++)
        {
            MemoryFault fault = GuardedAccess.Load((nuint)arena.At(page), out ulong value);
            Assert.Equal(page == 5 ? MemorySignal.Sigbus : MemorySignal.None, fault.Signal);
            Assert.True(page == 5 || value == Base + page);
        }

        Assert.Equal((nuint)arena.At(5), arena.Space.BusErrors.Page);
        Assert.True(arena.Space.BusErrors.TryFind((nuint)arena.At(5), out int cause));
        Assert.Equal(-Errno.EIO, cause);
        Assert.False(arena.Space.BusErrors.TryFind((nuint)arena.At(6), out _));
    }

    [Fact]
    public void APageThatRaisedSigbusCanBeTriedAgain()
    {
        FaultyPool pool = new();
        using Arena arena = new(pool, 4);
        arena.Fill(Base);
        Assert.Equal(4, arena.MoveOut());
        pool.Break(Base + 1);
        Assert.Equal(MemorySignal.Sigbus, GuardedAccess.Load((nuint)arena.At(1), out ulong _).Signal);

        pool.Repair();
        Assert.Equal(MemorySignal.Sigbus, GuardedAccess.Load((nuint)arena.At(1), out ulong _).Signal);
        arena.Space.Forget(arena.Pages(1, 1));
        Assert.Equal(Base + 1, arena.Load(1));
    }

    [Fact]
    public void WhatAFullPoolDoesNotTakeStaysInRam()
    {
        FaultyPool pool = new() { IsFull = true };
        using Arena arena = new(pool, 16);
        arena.Fill(Base);
        Assert.Equal(0, arena.MoveOut());
        Assert.Equal(-Errno.ENOSPC, arena.Space.BusErrors.PoolError);
        for (ulong page = 0; page < 16; page++)
        {
            Assert.Equal(Base + page, arena.Load(page));
        }
    }

    [Fact]
    public void UnderALimitWithAFullPoolWhoTouchesOneMorePageGetsSigbusAndTheOthersStay()
    {
        FaultyPool pool = new() { IsFull = true };
        using Arena arena = new(pool, 512, limitBytes: 1 << 20);
        ulong stored = 0;
        MemoryFault fault = default;
        while (stored < 512)
        {
            fault = GuardedAccess.Store((nuint)arena.At(stored), Base + stored);
            if (!fault.IsNone)
            {
                break;
            }

            stored++;
        }

        Assert.Equal(MemorySignal.Sigbus, fault.Signal);
        Assert.True(stored is > 128 and <= 256, $"{stored} pages fitted under a limit of 256.");
        Assert.Equal(-Errno.ENOSPC, arena.Space.BusErrors.Cause);
        for (ulong page = 0; page < stored; page++)
        {
            Assert.Equal(Base + page, arena.Load(page));
        }

        // With room in the pool again everything goes on.
        pool.IsFull = false;
        for (ulong page = stored + 1; page < 512; page++)
        {
            arena.Store(page, Base + page);
        }

        arena.Space.Forget(arena.Pages(stored, 1));
        arena.Fill(Base);
        for (ulong page = 0; page < 512; page++)
        {
            Assert.Equal(Base + page, arena.Load(page));
        }
    }

    [Fact]
    public void ADeviceThatCannotReadItsOwnPageSaysSo()
    {
        FaultyPool pool = new();
        using Arena arena = new(pool, 4);
        arena.Fill(Base);
        Assert.Equal(4, arena.MoveOut());
        pool.Break(Base + 2);
        Assert.Equal((HmmStatus)(-Errno.EIO), arena.DeviceWrite(2, 8, 1));
        Assert.Equal(HmmStatus.Success, arena.DeviceWrite(3, 8, 1));
    }

    [Fact]
    public void ADirectoryThatIsNotThereIsNamed()
    {
        string missing = Path.Combine(Path.GetTempPath(), "hmm-no-such-directory");
        LinuxException failure = Assert.Throws<LinuxException>(() => new FilePool(missing));
        Assert.Equal(Errno.ENOENT, failure.ErrorNumber);
        Assert.Contains(missing, failure.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public void APoolFileHasNoName()
    {
        string directory = Directory.CreateTempSubdirectory("hmm-pool-").FullName;
        try
        {
            using Arena arena = new(new FilePool(directory), 16);
            arena.Fill(Base);
            Assert.Equal(16, arena.MoveOut());
            Assert.Empty(new List<string>(Directory.EnumerateFileSystemEntries(directory)));
            Assert.Equal(Base + 3, arena.Load(3));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
