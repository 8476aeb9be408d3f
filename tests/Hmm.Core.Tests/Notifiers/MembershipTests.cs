using System;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;
using static Hmm.Core.Tests.Notifiers.RecordingDriver;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>Insertion and removal, at rest and during invalidations.</summary>
public sealed class MembershipTests
{
    private readonly MmuNotifierSubscriptions _space = new();

    /// <summary>Item 101, first half.</summary>
    [Fact]
    public void AnInsertDuringAMatchedInvalidationIsDeferredAndItsReaderWaits()
    {
        RecordingDriver hit = On(_space, 10, 4);
        MmuNotifierRange range = Pages(10, 1);
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(range));

        RecordingDriver late = On(_space, 12, 4);
        Assert.Equal(1, _space.TreeCount);
        var reader = new BlockedCall(() => late.Subscription.ReadBegin());
        reader.AssertWaits();
        MmuNotifierRange overLate = Pages(15, 1);
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(overLate));
        Assert.Empty(late.Calls);
        _space.InvalidateRangeEnd(overLate);
        reader.AssertWaits();
        _space.InvalidateRangeEnd(range);
        reader.AssertReturns();

        Assert.Equal(2, _space.TreeCount);
        Invalidate(Pages(12, 1));
        Assert.Single(late.Calls);
        Assert.Equal(2, hit.Calls.Count);
    }

    /// <summary>Item 101, second half.</summary>
    [Fact]
    public void AnInsertDuringAnUnmatchedInvalidationMakesTheNumberOddAndItsReaderWaits()
    {
        MmuNotifierRange range = Pages(10, 1);
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(range));
        Assert.Equal(2UL, _space.Sequence);

        RecordingDriver late = On(_space, 10, 4);
        Assert.Equal(3UL, _space.Sequence);
        Assert.Equal(1, _space.TreeCount);
        RecordingDriver later = On(_space, 20, 4);
        Assert.Equal(1, _space.TreeCount);
        var reader = new BlockedCall(() => late.Subscription.ReadBegin());
        reader.AssertWaits();
        _space.InvalidateRangeEnd(range);
        reader.AssertReturns();

        Assert.Equal(4UL, _space.Sequence);
        Assert.Equal(2, _space.TreeCount);
        Assert.Empty(late.Calls);
        Assert.Equal(3UL, later.Subscription.ReadBegin());
    }

    /// <summary>Item 102, first half.</summary>
    [Fact]
    public void ARemoveDuringAMatchedInvalidationWaitsForItsEnd()
    {
        RecordingDriver hit = On(_space, 10, 4);
        RecordingDriver elsewhere = On(_space, 100, 4);
        MmuNotifierRange range = Pages(10, 1);
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(range));

        // The tree is frozen as a whole, so even the subscription that was not hit waits.
        var removal = new BlockedCall(hit.Subscription.Remove);
        var otherRemoval = new BlockedCall(elsewhere.Subscription.Remove);
        removal.AssertWaits();
        otherRemoval.AssertWaits();
        Assert.Throws<InvalidOperationException>(hit.Subscription.Remove);
        Assert.Equal(2, _space.TreeCount);
        _space.InvalidateRangeEnd(range);
        removal.AssertReturns();
        otherRemoval.AssertReturns();

        Assert.Equal(0, _space.TreeCount);
        Invalidate(Pages(0, 200));
        Assert.Single(hit.Calls);
        Assert.Empty(elsewhere.Calls);
    }

    /// <summary>Item 102, second half.</summary>
    [Fact]
    public void ARemoveOfADeferredInsertDoesNotWait()
    {
        On(_space, 10, 4);
        MmuNotifierRange range = Pages(10, 1);
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(range));
        RecordingDriver[] late = [On(_space, 10, 4), On(_space, 20, 4), On(_space, 30, 4)];

        late[1].Subscription.Remove();
        late[0].Subscription.Remove();
        _space.InvalidateRangeEnd(range);

        Assert.Equal(2, _space.TreeCount);
        Invalidate(Pages(0, 100));
        Assert.Empty(late[0].Calls);
        Assert.Empty(late[1].Calls);
        Assert.Single(late[2].Calls);
    }

    [Fact]
    public void ARemoveDuringAnUnmatchedInvalidationDoesNotWait()
    {
        RecordingDriver driver = On(_space, 10, 4);
        MmuNotifierRange range = Pages(100, 1);
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(range));

        driver.Subscription.Remove();

        Assert.Equal(0, _space.TreeCount);
        _space.InvalidateRangeEnd(range);
        Assert.Equal(2UL, _space.Sequence);
    }

    /// <summary>Item 103.</summary>
    [Theory]
    [InlineData(0UL, 0UL, HmmStatus.Overflow)]
    [InlineData(0x1000UL, 0UL, HmmStatus.Overflow)]
    [InlineData(ulong.MaxValue, 2UL, HmmStatus.Overflow)]
    [InlineData(2UL, ulong.MaxValue, HmmStatus.Overflow)]
    [InlineData(ulong.MaxValue, 1UL, HmmStatus.Success)]
    [InlineData(1UL, ulong.MaxValue, HmmStatus.Success)]
    [InlineData(0UL, ulong.MaxValue, HmmStatus.Success)]
    [InlineData(0UL, 1UL, HmmStatus.Success)]
    public void ALengthOfZeroOrBeyondTheTopOverflows(ulong start, ulong lengthBytes, HmmStatus expected)
    {
        var driver = new RecordingDriver();

        Assert.Equal(expected, driver.Subscription.Insert(_space, new VirtualAddress(start), lengthBytes));

        bool inserted = expected == HmmStatus.Success;
        Assert.Equal(inserted ? 1 : 0, _space.TreeCount);
        Assert.Equal(inserted, driver.Subscription.Subscriptions is not null);
    }

    [Fact]
    public void AnIntervalOfAllAddressesCanBeNamedByItsLastAddress()
    {
        var driver = new RecordingDriver();
        Assert.Equal(HmmStatus.Overflow, driver.Subscription.InsertInclusive(_space, new(5), new(4)));

        Assert.Equal(HmmStatus.Success, driver.Subscription.InsertInclusive(_space, new(0), new(ulong.MaxValue)));

        Assert.Equal((0UL, ulong.MaxValue), (driver.Subscription.First.Value, driver.Subscription.Last.Value));
    }

    [Fact]
    public void TheIntervalIncludesItsLastByteAndNoMore()
    {
        RecordingDriver driver = On(_space, 10, 4);

        Invalidate(Pages(9, 1));
        Invalidate(Pages(14, 1));
        Assert.Empty(driver.Calls);
        Invalidate(new(new(new(14 * 4096 - 1), new(14 * 4096)), MmuNotifierEvent.Clear));
        Invalidate(new(new(new(10 * 4096 - 1), new(10 * 4096 + 1)), MmuNotifierEvent.Clear));
        Assert.Equal(2, driver.Calls.Count);
    }

    [Fact]
    public void ARemovedSubscriptionCanBeInsertedAgainElsewhereButNotTwice()
    {
        var other = new MmuNotifierSubscriptions();
        RecordingDriver driver = On(_space, 10, 4);
        Assert.Throws<InvalidOperationException>(() => driver.Subscription.Insert(other, new(0), 1));
        driver.Subscription.Remove();
        Assert.Throws<InvalidOperationException>(driver.Subscription.Remove);
        Assert.Throws<InvalidOperationException>(() => driver.Subscription.ReadBegin());

        Assert.Equal(HmmStatus.Success, driver.Subscription.Insert(other, new(0), 1));

        Assert.Equal((0, 1), (_space.TreeCount, other.TreeCount));
    }

    private void Invalidate(MmuNotifierRange range)
    {
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(range));
        _space.InvalidateRangeEnd(range);
    }
}
