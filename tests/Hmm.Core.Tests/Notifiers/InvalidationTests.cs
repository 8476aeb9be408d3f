using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;
using static Hmm.Core.Tests.Notifiers.RecordingDriver;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>Starts, ends, refusals, teardown, and what an observer is told.</summary>
public sealed class InvalidationTests
{
    private readonly MmuNotifierSubscriptions _space = new();

    /// <summary>Item 106.</summary>
    [Fact]
    public void ARefusedNonBlockableStartIsUnwoundAndHasNoEnd()
    {
        RecordingDriver first = On(_space, 10, 4);
        RecordingDriver refusing = On(_space, 11, 4);
        RecordingDriver last = On(_space, 12, 4);
        refusing.Answer = false;

        Assert.Equal(HmmStatus.Again, _space.InvalidateRangeStart(Pages(10, 4, MmuNotifierEvent.Unmap, isBlockable: false)));

        Assert.Equal((1, 1, 0), (first.Calls.Count, refusing.Calls.Count, last.Calls.Count));
        Assert.False(_space.IsInvalidating);
        Assert.Equal(0, _space.ActiveInvalidations);
        Assert.Throws<InvalidOperationException>(() => _space.InvalidateRangeEnd(Pages(10, 4)));
        first.Subscription.ReadBegin();
        refusing.Subscription.ReadBegin();
    }

    [Fact]
    public void ABlockableRefusalIsCountedAndPassedOver()
    {
        RecordingDriver refusing = On(_space, 10, 4);
        RecordingDriver next = On(_space, 11, 4);
        refusing.Answer = false;

        Invalidate(Pages(10, 4));

        Assert.Single(next.Calls);
        Assert.Equal(1, _space.RefusalsIgnored);
    }

    /// <summary>Item 107.</summary>
    [Fact]
    public void TheEndOfTheAddressSpaceSendsReleaseToAllThenUnmap()
    {
        RecordingDriver[] drivers = [On(_space, 0, 1), On(_space, 10, 4), new()];
        Assert.Equal(HmmStatus.Success, drivers[2].Subscription.InsertInclusive(_space, new(ulong.MaxValue), new(ulong.MaxValue)));

        _space.Release();
        _space.Release();
        Invalidate(new(new(new(0), new(PageConstants.UserSpaceEnd)), MmuNotifierEvent.Unmap));

        Assert.Equal([MmuNotifierEvent.Release, MmuNotifierEvent.Unmap], drivers[0].Calls.Select(call => call.Event));
        Assert.Equal([MmuNotifierEvent.Release, MmuNotifierEvent.Unmap], drivers[1].Calls.Select(call => call.Event));
        Assert.Equal([MmuNotifierEvent.Release], drivers[2].Calls.Select(call => call.Event));
        Assert.All(drivers, driver => Assert.True(driver.Calls[0].IsBlockable));
        Assert.Equal(HmmStatus.Invalid, new RecordingDriver().Subscription.Insert(_space, new(0), 1));
        Assert.Equal(HmmStatus.Overflow, new RecordingDriver().Subscription.Insert(_space, new(0), 0));
        foreach (RecordingDriver driver in drivers)
        {
            driver.Subscription.Remove();
        }

        Assert.Equal(0, _space.TreeCount);
    }

    /// <summary>Item 108.</summary>
    [Fact]
    public void AnInvalidationThatMatchedNobodyLeavesTheNumberEvenAndWakesNobody()
    {
        On(_space, 10, 4);

        Invalidate(Pages(100, 1));
        Assert.Equal((2UL, 0L), (_space.Sequence, _space.WakeUps));

        Invalidate(Pages(10, 1));
        Assert.Equal((4UL, 1L), (_space.Sequence, _space.WakeUps));
    }

    /// <summary>Item 109.</summary>
    [Fact]
    public void TheOwnerArrivesAtTheCallbackAndIsComparedByReference()
    {
        var pagemapOwner = new string('x', 3);
        RecordingDriver driver = On(_space, 10, 4);

        Invalidate(Pages(10, 1, MmuNotifierEvent.Exclusive, owner: driver));
        Invalidate(Pages(10, 1, MmuNotifierEvent.Exclusive));
        Invalidate(Pages(10, 1, MmuNotifierEvent.Migrate, owner: pagemapOwner));

        Assert.Equal([driver, null, pagemapOwner], driver.Calls.Select(call => call.Owner));
        Assert.True(driver.Calls[2].IsOwnedBy(pagemapOwner));
        Assert.False(driver.Calls[2].IsOwnedBy(new string('x', 3)));
        Assert.False(driver.Calls[1].IsOwnedBy(null));
    }

    [Fact]
    public void CallbacksRunInOrderOfTheirFirstAddressAndThenOfInsertion()
    {
        var order = new List<int>();
        ulong[] firstPages = [30, 10, 20, 10, 0, 20, 10];
        for (int i = 0; i < firstPages.Length; i++)
        {
            int number = i;
            On(_space, firstPages[i], 50).Inside = () => order.Add(number);
        }

        Invalidate(Pages(40, 1));

        Assert.Equal([4, 1, 3, 6, 2, 5, 0], order);
    }

    [Fact]
    public void CallbacksRunWithoutTheInternalLock()
    {
        RecordingDriver driver = On(_space, 10, 4);
        driver.Inside = () => new BlockedCall(() =>
        {
            Invalidate(Pages(100, 1));
            On(_space, 200, 1).Subscription.Remove();
        }).AssertReturns();

        Invalidate(Pages(10, 1));

        Assert.Single(driver.Calls);
    }

    [Fact]
    public void AThrowingCallbackUnwindsTheInvalidation()
    {
        RecordingDriver driver = On(_space, 10, 4);
        driver.Inside = () => throw new TimeoutException();

        Assert.Throws<TimeoutException>(() => _space.InvalidateRangeStart(Pages(10, 1)));

        Assert.Equal((0, false), (_space.ActiveInvalidations, _space.IsInvalidating));
        driver.Inside = null;
        driver.Subscription.Remove();
    }

    [Fact]
    public void AnEmptyRangeAndAnEndWithoutAStartAreWrongUse()
    {
        Assert.Throws<ArgumentException>(() => _space.InvalidateRangeStart(Pages(10, 0)));
        Assert.Throws<ArgumentException>(() => _space.InvalidateRangeStart(default));
        Assert.Throws<InvalidOperationException>(() => _space.InvalidateRangeEnd(Pages(10, 1)));
    }

    [Fact]
    public void TheObserverIsToldOfStartsWithTheirHitsAndOfEnds()
    {
        var observer = new Notebook();
        _space.Observer = observer;
        On(_space, 10, 4);
        RecordingDriver refusing = On(_space, 12, 4);

        Invalidate(Pages(13, 1));
        Invalidate(Pages(100, 1));
        refusing.Answer = false;
        Assert.Equal(HmmStatus.Again, _space.InvalidateRangeStart(Pages(14, 1, isBlockable: false)));

        Assert.Equal(
            [
                "start Clear [0xd000, 0xe000) 3 hits 2", "end Clear [0xd000, 0xe000) 4",
                "start Clear [0x64000, 0x65000) 4 hits 0", "end Clear [0x64000, 0x65000) 4",
                "start Clear [0xe000, 0xf000) 5 hits 1", "end Clear [0xe000, 0xf000) 6",
            ],
            observer.Lines);
    }

    private void Invalidate(MmuNotifierRange range)
    {
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(range));
        _space.InvalidateRangeEnd(range);
    }

    private sealed class Notebook : IMmuNotifierObserver
    {
        public List<string> Lines { get; } = [];

        public void InvalidateStarted(in MmuNotifierRange range, ulong sequence, int subscriptionsHit) =>
            Lines.Add($"start {range} {sequence} hits {subscriptionsHit}");

        public void InvalidateEnded(in MmuNotifierRange range, ulong sequence) => Lines.Add($"end {range} {sequence}");
    }
}
