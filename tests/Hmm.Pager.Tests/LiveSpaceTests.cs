using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Core.Migration;
using Hmm.Linux;
using Hmm.Pager.Devices;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Tests;

public sealed class LiveSpaceTests
{
    private const nuint Page = 4096;

    [Fact]
    public void Fresh_memory_reads_as_zeros_and_keeps_what_is_written()
    {
        using LiveSpace space = new(new LiveSpaceOptions(0, UsesZeroPage: true, 1));
        nuint at = Map(space, 16);
        Assert.Equal(0UL, Load(at + (3 * Page)));
        Store(at + (3 * Page), 42);
        Assert.Equal(42UL, Load(at + (3 * Page)));
        Store(at + (5 * Page), 7);
        Assert.Equal(7UL, Load(at + (5 * Page)));
    }

    [Fact]
    public void A_page_in_a_pool_is_gone_from_RAM_and_a_touch_brings_it_back()
    {
        using LiveSpace space = new(new LiveSpaceOptions(0, UsesZeroPage: false, 1));
        PoolDevice device = space.AddDevice(new RamPool(), 1024, backsLimit: false);
        nuint at = Map(space, 16);
        for (nuint i = 0; i < 16; i++)
        {
            Store(at + (i * Page), 100 + i);
        }

        long before = space.ResidentBytes;
        Assert.Equal(16, MoveOut(space, device, at, 16));
        space.Memory.RecycleFrames();
        Assert.Equal(before - (16 * 4096), space.ResidentBytes);
        for (nuint i = 0; i < 16; i++)
        {
            Assert.Equal(100 + i, Load(at + (i * Page)));
        }

        Assert.Equal(before, space.ResidentBytes);
    }

    [Fact]
    public void Memory_larger_than_the_limit_just_works()
    {
        const nuint pages = 4096;
        using LiveSpace space = new(new LiveSpaceOptions(4 << 20, UsesZeroPage: false, 16));
        space.AddDevice(new RamPool(), ulong.MaxValue, backsLimit: true);
        nuint at = Map(space, pages);
        for (nuint round = 0; round < 3; round++)
        {
            for (nuint i = 0; i < pages; i++)
            {
                Assert.Equal(round == 0 ? 0 : i + round - 1, Load(at + (i * Page) + 8));
                Store(at + (i * Page) + 8, i + round);
                Assert.True(space.ResidentBytes <= 4 << 20);
            }
        }
    }

    [Fact]
    public void Protecting_moving_and_unmapping_reach_the_real_mapping()
    {
        using LiveSpace space = new(new LiveSpaceOptions(0, UsesZeroPage: true, 1));
        nuint at = Map(space, 16);
        Store(at, 1);
        Assert.Equal(HmmStatus.Success, space.Protect(new VirtualRange(new VirtualAddress(at), new VirtualAddress(at + Page)), Protection.Read));
        Assert.Equal(1UL, Load(at));
        Assert.NotEqual(default, GuardedAccess.Store(at, 5UL));
        Assert.Equal(HmmStatus.Success, space.Protect(new VirtualRange(new VirtualAddress(at), new VirtualAddress(at + Page)), Protection.Read | Protection.Write));
        Store(at, 2);
        Assert.Equal(HmmStatus.Success, space.Remap(new VirtualRange(new VirtualAddress(at), new VirtualAddress(at + (4 * Page))), 8 * Page, out nuint to));
        Assert.Equal(2UL, Load(to));
        Assert.Equal(0UL, Load(to + (6 * Page)));
        Assert.NotEqual(default, GuardedAccess.Load<ulong>(at, out _));
        Assert.Equal(HmmStatus.Success, space.Unmap(new VirtualRange(new VirtualAddress(to), new VirtualAddress(to + (4 * Page)))));
        Assert.NotEqual(default, GuardedAccess.Load<ulong>(to, out _));
    }

    [Fact]
    public void PagesWhoseHomesAreInNoOrderAllLeaveForTheLimit()
    {
        using LiveSpace space = new(new LiveSpaceOptions(8 << 20, UsesZeroPage: false, 1));
        PoolDevice device = space.AddDevice(new RamPool(), ulong.MaxValue, backsLimit: true);
        nuint at = Map(space, 16);
        nuint aside = Map(space, 4);
        VirtualRange middle = VirtualRange.FromPages(new VirtualAddress(at + (4 * Page)), 4);

        // The middle's homes go with it; what is mapped in its place gets others, far away.
        Store(at + (4 * Page), 7);
        Assert.Equal(HmmStatus.Success, space.RemapTo(middle, VirtualRange.FromPages(new VirtualAddress(aside), 4)));
        Assert.Equal(HmmStatus.Success, space.MapAt(middle, Protection.Read | Protection.Write, false));
        for (nuint page = 0; page < 16; page++)
        {
            Store(at + (page * Page), 100 + page);
        }

        Assert.Equal(16, MoveOut(space, device, at, 16));
        for (nuint page = 0; page < 16; page++)
        {
            Assert.Equal(100UL + page, Load(at + (page * Page)));
        }

        Assert.Equal(7UL, Load(aside));
        List<InvariantViolation> violations = [];
        space.Check(violations);
        Assert.Empty(violations);
    }

    private static nuint Map(LiveSpace space, nuint pages)
    {
        Assert.Equal(HmmStatus.Success, space.Map(pages * Page, Protection.Read | Protection.Write, false, out nuint at));
        return at;
    }

    private static int MoveOut(LiveSpace space, PoolDevice device, nuint at, int pages)
    {
        VirtualRange range = VirtualRange.FromPages(new VirtualAddress(at), (ulong)pages);
        space.Space.MmapLock.EnterRead();
        int moved = device.MoveOut(space.Space.FindVma(range.Start)!, range, MigrateVmaSelect.System, []);
        space.Space.MmapLock.ExitRead();
        return moved;
    }

    private static ulong Load(nuint address)
    {
        Assert.Equal(default, GuardedAccess.Load(address, out ulong value));
        return value;
    }

    private static void Store(nuint address, ulong value) => Assert.Equal(default, GuardedAccess.Store(address, value));
}
