using System.Threading;
using Hmm.Pager.Devices;

namespace Hmm.Pager.Tests;

/// <summary>Serving faults allocates nothing: a collection of the pager's heap would hold up threads that wait for their pages.</summary>
public sealed class FaultPathAllocationTests
{
    private const ulong Pages = 2048;

    [Fact]
    public void First_touches_returns_from_a_device_and_evictions_allocate_nothing()
    {
        using Arena arena = new(new RamPool(), Pages, limitBytes: 4 << 20, readAheadPages: 16);
        arena.Fill(1);
        arena.Fill(2);
        long before = Settled(arena);

        // Twice as much as the limit allows: each page comes back, and another one leaves for it.
        for (ulong page = 0; page < Pages; page++)
        {
            Assert.Equal(2 + page, arena.Load(page));
            arena.Store(page, 3 + page);
        }

        Assert.Equal(0, Settled(arena) - before);
    }

    // A touch is done before the thread that served it has noted what it has allocated: one that it serves afterwards says so. The page was touched before.
    private static long Settled(Arena arena)
    {
        long seen = -1;
        while (seen != arena.Space.FaultPathAllocatedBytes)
        {
            seen = arena.Space.FaultPathAllocatedBytes;
            Thread.Sleep(20);
        }

        return seen;
    }
}
