using System;
using Hmm.Linux;
using Hmm.Pager.Devices;
using Hmm.Pager.Exports;

namespace Hmm.Pager.Tests;

/// <summary>Serving faults allocates no managed memory, whether they are recorded or not.</summary>
/// <remarks>The fault thread is not the test's, so the whole process is asked. Some thread of the runtime may allocate at any time: one quiet round suffices.</remarks>
[Collection(AloneCollection.Name)]
public sealed class AllocationTests
{
    private const ulong Pages = 256;
    private const int RoundsMax = 100;

    private readonly PagerEvent[] _events = new PagerEvent[1 << 14];

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 14)]
    [InlineData(16)]
    public void ReturnsFromADeviceAllocateNothing(int recordedEvents)
    {
        using Arena arena = new(new RamPool(), Pages, readAheadPages: 4, recordedEvents: recordedEvents);
        arena.Fill(1);
        AssertFree(arena, () => Assert.Equal((long)Pages, arena.MoveOut()), () => LoadAll(arena));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 14)]
    public void WritesToCleanPagesAllocateNothing(int recordedEvents)
    {
        using Arena arena = new(new RamPool(), Pages, recordedEvents: recordedEvents);
        arena.Fill(1);
        AssertFree(
            arena,
            () =>
            {
                Assert.Equal((long)Pages, arena.MoveOut());
                LoadAll(arena);
            },
            () => StoreAll(arena));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 14)]
    public void EvictionsByTheLimitAllocateNothing(int recordedEvents)
    {
        using Arena arena = new(new RamPool(), 4 * Pages, limitBytes: 2 << 20, readAheadPages: 8, recordedEvents: recordedEvents);
        arena.Fill(1);
        AssertFree(arena, () => { }, () => StoreAll(arena));
    }

    private static void LoadAll(Arena arena)
    {
        for (ulong page = 0; page < arena.Range.PageCount; page++)
        {
            Require(GuardedAccess.Load((nuint)arena.At(page), out ulong _));
        }
    }

    private static void StoreAll(Arena arena)
    {
        for (ulong page = 0; page < arena.Range.PageCount; page++)
        {
            Require(GuardedAccess.Store((nuint)arena.At(page), page));
        }
    }

    // Assertions allocate.
    private static void Require(MemoryFault fault)
    {
        if (fault.Signal != MemorySignal.None)
        {
            throw new InvalidOperationException($"A touch raised {fault.Signal}.");
        }
    }

    private void AssertFree(Arena arena, Action prepare, Action body)
    {
        long least = long.MaxValue;
        for (int round = 0; round < RoundsMax && least != 0; round++)
        {
            prepare();
            _ = arena.Space.TakeEvents(_events, out _);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            body();

            // The last fault is over for whoever touched, but perhaps not for the thread that served it.
            _ = arena.Space.TakeEvents([], out _);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.Equal(0, least);
    }
}
