using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;
using Hmm.Pager.Devices;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Tests;

/// <summary>Which addresses a space takes, and gives back.</summary>
[Collection(AloneCollection.Name)]
public sealed class AddressTests
{
    private const nuint Page = 4096;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    [Fact]
    public void WhatIsReleasedIsInaccessibleAndReleasedOnceOnly()
    {
        using LiveSpace space = Create();
        nuint at = Map(space, 3);
        Assert.Equal(default, GuardedAccess.Store(at, 1UL));
        Assert.Equal(HmmStatus.Invalid, space.Release(at + Page));
        Assert.Equal(HmmStatus.Success, space.Release(at));
        Assert.Equal(MemorySignal.Sigsegv, GuardedAccess.Load(at, out ulong _).Signal);
        Assert.Equal(HmmStatus.Invalid, space.Release(at));
        Assert.NotEqual(at, Map(space, 3));
    }

    [Fact]
    public void WhatIsUnmappedStaysTheSpacesUntilItIsReleased()
    {
        using LiveSpace space = Create();
        nuint at = Map(space, 3);
        Assert.Equal(HmmStatus.Success, space.Unmap(Pages(at, 3)));
        Rest(RestingAddresses.RangesMax + 1);
        Assert.Equal(-Errno.EEXIST, (int)MemoryMap.ReserveIfFree(at, Page));
        Assert.Equal(HmmStatus.Success, space.MapAt(Pages(at, 3), ReadWrite, false));
        Assert.Equal(default, GuardedAccess.Store(at, 1UL));
        Assert.Equal(HmmStatus.Success, space.Release(at));
        Assert.Equal(MemorySignal.Sigsegv, GuardedAccess.Load(at, out ulong _).Signal);
    }

    [Fact]
    public void WhatHasRestedGoesBackToTheProcess()
    {
        using LiveSpace space = Create();
        nuint at = Map(space, 3);
        Assert.Equal(HmmStatus.Success, space.Release(at));
        Rest(RestingAddresses.RangesMax - 1);
        Assert.Equal(-Errno.EEXIST, (int)MemoryMap.ReserveIfFree(at, 3 * Page));
        Rest(1);
        Assert.Equal((nint)at, MemoryMap.ReserveIfFree(at, 3 * Page));
        Assert.Equal(0, MemoryMap.Unmap(at, 3 * Page));
    }

    [Fact]
    public void AWholeMappingThatMovesGivesItsAddressesUpAndAPartDoesNot()
    {
        using LiveSpace space = Create();
        nuint at = Map(space, 4);
        Assert.Equal(HmmStatus.Success, space.Remap(Pages(at, 2), 2 * Page, out nuint part));
        Assert.Equal(HmmStatus.Success, space.Remap(Pages(part, 2), 8 * Page, out nuint moved));
        Assert.Equal(HmmStatus.Invalid, space.Release(part));
        Assert.Equal(default, GuardedAccess.Store(moved + (7 * Page), 1UL));
        Assert.Equal(HmmStatus.Success, space.Release(moved));
        Assert.Equal(default, GuardedAccess.Store(at + (3 * Page), 1UL));
        Assert.Equal(HmmStatus.Success, space.Release(at));
    }

    [Fact]
    public void AMoveThatCutsOffMoreThanIsMappedSparesTheNeighbour()
    {
        using LiveSpace space = Create();
        nuint place = (nuint)MemoryMap.Reserve(64 << 20);
        Assert.Equal(0, MemoryMap.Unmap(place, 8 * Page));
        Assert.Equal(HmmStatus.Success, space.MapAt(Pages(place, 8), ReadWrite, false));
        nuint neighbour = place + (8 * Page);
        Assert.Equal(0, MemoryMap.Protect(neighbour, Page, MemoryProtection.Read | MemoryProtection.Write));
        Assert.Equal(default, GuardedAccess.Store(neighbour, 5UL));
        Assert.Equal(HmmStatus.Success, space.Remap(Pages(place + (4 * Page), 5), 4 * Page, out _));
        Assert.Equal(default, GuardedAccess.Load(neighbour, out ulong value));
        Assert.Equal(5UL, value);
        Assert.Equal(0, MemoryMap.Unmap(neighbour, (64 << 20) - (8 * Page)));
    }

    [Fact]
    public void AFailedRemapLeavesAllAsItWas()
    {
        using LiveSpace space = Create();
        nuint at = Map(space, 4);
        Assert.Equal(default, GuardedAccess.Store(at, 5UL));
        Assert.Equal(HmmStatus.Success, space.Unmap(Pages(at + (2 * Page), 1)));
        Assert.NotEqual(HmmStatus.Success, space.Remap(Pages(at, 4), 4 * Page, out _));
        Assert.Equal(default, GuardedAccess.Load(at, out ulong value));
        Assert.Equal(5UL, value);
        Assert.Equal(HmmStatus.Success, space.Release(at));
        Assert.Equal(0UL, space.Memory.SystemFramesInUse - 1);
    }

    [Fact]
    public void TheNextSpaceMayHaveTheSameAddresses()
    {
        nuint at;
        using (LiveSpace first = Create())
        {
            at = Map(first, 3);
        }

        Assert.Equal(MemorySignal.Sigsegv, GuardedAccess.Load(at, out ulong _).Signal);
        using LiveSpace second = Create();
        Assert.Equal(HmmStatus.Success, second.MapAt(Pages(at, 3), ReadWrite, false));
        Assert.Equal(default, GuardedAccess.Load(at, out ulong value));
        Assert.Equal(0UL, value);
    }

    [Fact]
    public void APlaceThatTheCallerChoseIsFreeWithTheSpace()
    {
        nuint place;
        using (LiveSpace space = Create())
        {
            // The lowest end of a wide hole, after the space has taken its own addresses: what the runtime maps meanwhile goes to the upper end.
            nuint hole = 64 << 20;
            place = (nuint)MemoryMap.Reserve(hole);
            Assert.Equal(0, MemoryMap.Unmap(place, hole));
            Assert.Equal(HmmStatus.Success, space.MapAt(Pages(place, 3), ReadWrite, false));
        }

        Assert.Equal((nint)place, MemoryMap.ReserveIfFree(place, 3 * Page));
        Assert.Equal(0, MemoryMap.Unmap(place, 3 * Page));
    }

    [Fact]
    public void ASecondDeviceForTheLimitIsRefused()
    {
        using LiveSpace space = new(new LiveSpaceOptions(4 << 20, UsesZeroPage: false, 1));
        _ = space.AddDevice(new RamPool(), 1024, backsLimit: true);
        Assert.Throws<System.InvalidOperationException>(() => space.AddDevice(new RamPool(), 1024, backsLimit: true));
    }

    private static LiveSpace Create() => new(new LiveSpaceOptions(0, UsesZeroPage: false, 1));

    private static nuint Map(LiveSpace space, ulong pages)
    {
        Assert.Equal(HmmStatus.Success, space.Map((nuint)pages * Page, ReadWrite, false, out nuint at));
        return at;
    }

    private static VirtualRange Pages(nuint at, ulong count) => VirtualRange.FromPages(new VirtualAddress(at), count);

    private static void Rest(int ranges)
    {
        for (int i = 0; i < ranges; i++)
        {
            RestingAddresses.Add((nuint)MemoryMap.Reserve(Page), Page);
        }
    }
}
