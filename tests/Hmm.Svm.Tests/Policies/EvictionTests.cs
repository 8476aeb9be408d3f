using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hmm.Svm.Policies;
using Hmm.Svm.Policies.Eviction;

namespace Hmm.Svm.Tests.Policies;

public class EvictionTests
{
    [Fact]
    public void UnusedGoesBeforeDiscardedBeforeUsedAndAccessesDoNotCount()
    {
        ResidentUnit[] units =
        [
            Unit(1, allocated: 10, accessed: 99),
            Unit(2, allocated: 20, accessed: 20),
            Unit(3, allocated: 30, discarded: true),
            Unit(4, allocated: 40, pages: 0),
            Unit(5, allocated: 5, populated: 50),
            Unit(6, allocated: 1, pinned: true),
        ];

        Assert.Equal([4, 3, 1, 2, 5], Order(new RootChunkEviction(), units));
        Assert.Equal("unused", Choose(new RootChunkEviction(), units).Reason.Rule);
    }

    [Fact]
    public void EachOrderLooksAtItsOwnColumn()
    {
        ResidentUnit[] units =
        [
            Unit(1, allocated: 10, accessed: 40, count: 5),
            Unit(2, allocated: 20, accessed: 30, count: 9),
            Unit(3, allocated: 30, accessed: 35, count: 5),
        ];

        Assert.Equal([2, 3, 1], Order(new LeastRecentlyUsedEviction(), units));
        Assert.Equal([1, 3, 2], Order(new MostRecentlyUsedEviction(), units));
        Assert.Equal([1, 3, 2], Order(new LeastFrequentlyUsedEviction(), units));
        Assert.Equal([1, 2, 3], Order(new FirstInFirstOutEviction(), units));
    }

    [Fact]
    public void ASecondChanceIsOneChance()
    {
        SecondChanceEviction policy = new();
        ResidentUnit[] units = [Unit(1, allocated: 10, accessed: 40), Unit(2, allocated: 20, accessed: 20), Unit(3, allocated: 30, accessed: 50)];

        Assert.Equal([2, 1, 3], Order(policy, units));
    }

    [Fact]
    public void WhoWasPassedOverStandsBehindWhoCameBeforeThat()
    {
        SecondChanceEviction policy = new();
        List<ResidentUnit> units = [Unit(1, allocated: 10, accessed: 15), Unit(2, allocated: 20, accessed: 20)];
        Assert.Equal(2UL, units[Choose(policy, units).Index].Block);

        // One was passed over when two was the youngest; three came later, and nobody used anything since.
        units = [units[0], Unit(3, allocated: 30, accessed: 30)];
        Assert.Equal(1UL, units[Choose(policy, units).Index].Block);
    }

    [Fact]
    public void ChanceIsTheSameForTheSameSeed()
    {
        ResidentUnit[] units = [.. Enumerable.Range(1, 20).Select(i => Unit((ulong)i, i))];

        Assert.Equal(Order(new RandomEviction(7), units), Order(new RandomEviction(7), units));
        Assert.NotEqual(Order(new RandomEviction(7), units), Order(new RandomEviction(8), units));
    }

    [Fact]
    public void ARangeLeavesAsAWhole()
    {
        RangeEviction policy = new(2048);
        List<ResidentUnit> units = [Unit(9, allocated: 3), Unit(1, allocated: 5), Unit(2, allocated: 1), Unit(5, allocated: 2), Unit(3, allocated: 9)];
        List<ulong> gone = [];
        bool wantsMore = true;
        while (wantsMore)
        {
            EvictionDecision decision = Choose(policy, units);
            gone.Add(units[decision.Index].Block);
            units.RemoveAt(decision.Index);
            wantsMore = decision.WantsMore;
        }

        Assert.Equal([2, 1, 3], gone);
        Assert.Equal(5UL, units[Choose(policy, units).Index].Block);
    }

    [Theory]
    [InlineData(1024, 512)]
    [InlineData(262144, 8192)]
    [InlineData(300000, 8192)]
    [InlineData(1UL << 24, 1 << 18)]
    [InlineData(ulong.MaxValue, 1 << 18)]
    public void RangesGrowWithTheDevice(ulong devicePages, int pages) => Assert.Equal(pages, RangeEviction.PagesFor(devicePages));

    [Fact]
    public void WhoIsProtectedGoesLastAndWhoIsPinnedNever()
    {
        ResidentUnit[] units = [Unit(1, allocated: 1, protectedUntil: 2000), Unit(2, allocated: 2), Unit(3, allocated: 0, pinned: true)];
        foreach (IEvictionPolicy policy in All())
        {
            Assert.Equal([2, 1], Order(policy, units));
            Assert.Equal(-1, Choose(policy, [units[2]]).Index);
            Assert.Equal("all-pinned", Choose(policy, [units[2]]).Reason.Rule);
        }
    }

    [Fact]
    public void EveryPolicyEmptiesADeviceChoosingEachUnitOnce() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            List<ResidentUnit> units = [];
            for (int i = 0; i + 2 < bytes.Length; i += 3)
            {
                units.Add(Unit((ulong)i, bytes[i], bytes[i + 1], count: bytes[i + 2], protectedUntil: bytes[i + 2] % 3 * 900));
            }

            foreach (IEvictionPolicy policy in All())
            {
                Assert.Equal(units.Select(unit => unit.Block).Order(), Order(policy, units).Select(block => (ulong)block).Order());
            }
        }).QuickCheckThrowOnFailure();

    private static IEnumerable<IEvictionPolicy> All() =>
    [
        new RootChunkEviction(), new LeastRecentlyUsedEviction(), new MostRecentlyUsedEviction(), new LeastFrequentlyUsedEviction(),
        new FirstInFirstOutEviction(), new SecondChanceEviction(), new RandomEviction(), new RangeEviction(),
    ];

    private static List<int> Order(IEvictionPolicy policy, IEnumerable<ResidentUnit> start)
    {
        List<ResidentUnit> units = [.. start];
        List<int> order = [];
        for (int index = Choose(policy, units).Index; index >= 0; index = Choose(policy, units).Index)
        {
            order.Add((int)units[index].Block);
            units.RemoveAt(index);
        }

        return order;
    }

    private static EvictionDecision Choose(IEvictionPolicy policy, IEnumerable<ResidentUnit> units)
    {
        ResidentUnit[] array = [.. units];
        return policy.Choose(new EvictionQuery { Device = 1, Units = array, PagesWanted = 512, Block = 1000, Time = 1000 });
    }

    private static ResidentUnit Unit(
        ulong block,
        long allocated,
        long accessed = 0,
        int pages = 512,
        long populated = 0,
        long count = 0,
        bool discarded = false,
        bool pinned = false,
        long protectedUntil = 0) => new()
        {
            Block = block,
            Span = 512,
            Pages = pages,
            Allocated = allocated,
            Populated = Math.Max(allocated, populated),
            Accessed = Math.Max(allocated, accessed),
            AccessCount = count,
            IsDiscarded = discarded,
            IsPinned = pinned,
            ProtectedUntil = protectedUntil,
        };
}
