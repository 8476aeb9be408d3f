using System;
using System.Collections.Generic;
using Hmm.Core.Notifiers;
using static Hmm.Core.Tests.Notifiers.RecordingDriver;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>What a reader sees of invalidations.</summary>
public sealed class ReadSectionTests
{
    private readonly MmuNotifierSubscriptions _space = new();

    [Fact]
    public void AReaderOfAnUndisturbedRangeNeedsNoRetry()
    {
        RecordingDriver driver = On(_space, 10, 4);

        ulong sequence = driver.Subscription.ReadBegin();

        Assert.True((sequence & 1) != 0, "NTF-03: a subscription's number is odd.");
        Assert.False(driver.Subscription.CheckRetry(sequence));
        Assert.False(driver.MustRetry(sequence));
    }

    [Fact]
    public void AReaderOvertakenByAnInvalidationRetriesAndSucceedsAfterItsEnd()
    {
        RecordingDriver driver = On(_space, 10, 4);
        ulong before = driver.Subscription.ReadBegin();

        Invalidate(Pages(12, 1));

        Assert.True(driver.MustRetry(before));
        ulong after = driver.Subscription.ReadBegin();
        Assert.False(driver.MustRetry(after));
    }

    /// <summary>Item 99.</summary>
    [Fact]
    public void ReadBeginWaitsOnlyIfItsOwnSubscriptionWasHitAndWakesWhenTheLastInvalidationEnds()
    {
        RecordingDriver hit = On(_space, 10, 4);
        RecordingDriver elsewhere = On(_space, 100, 4);
        MmuNotifierRange own = Pages(12, 1);
        MmuNotifierRange unrelated = Pages(500, 1);
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(own));
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(unrelated));

        ulong other = elsewhere.Subscription.ReadBegin();
        ulong read = 0;
        var reader = new BlockedCall(() => read = hit.Subscription.ReadBegin());
        reader.AssertWaits();
        _space.InvalidateRangeEnd(own);
        reader.AssertWaits();
        _space.InvalidateRangeEnd(unrelated);
        reader.AssertReturns();

        Assert.False(elsewhere.MustRetry(other));
        Assert.False(hit.MustRetry(read));
        Assert.NotEqual(_space.Sequence, read);
    }

    /// <summary>Item 100.</summary>
    [Fact]
    public void OverlappingInvalidationsShareOneOddNumberAndAReaderBeforeEitherRetriesAfterEither()
    {
        RecordingDriver left = On(_space, 10, 4);
        RecordingDriver right = On(_space, 20, 4);
        ulong leftBefore = left.Subscription.ReadBegin();
        ulong rightBefore = right.Subscription.ReadBegin();
        MmuNotifierRange first = Pages(10, 1);
        MmuNotifierRange second = Pages(20, 1);

        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(first));
        Assert.True(left.MustRetry(leftBefore));
        Assert.False(right.MustRetry(rightBefore));
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(second));
        Assert.True(right.MustRetry(rightBefore));
        Assert.Equal(left.Sequences, right.Sequences);
        Assert.Equal([3UL], left.Sequences);
        _space.InvalidateRangeEnd(first);
        Assert.Equal(3UL, _space.Sequence);
        _space.InvalidateRangeEnd(second);

        Assert.Equal(4UL, _space.Sequence);
        Assert.True(left.MustRetry(leftBefore));
        Assert.True(right.MustRetry(rightBefore));
    }

    /// <summary>Item 104.</summary>
    [Fact]
    public void ADriverThatIgnoresAnEventWithoutStoringTheNumberCausesNoRetryAndNoWait()
    {
        var owner = new object();
        RecordingDriver driver = On(_space, 10, 4);
        driver.Ignores = range => range.Event == MmuNotifierEvent.Migrate && range.IsOwnedBy(owner);
        ulong before = driver.Subscription.ReadBegin();
        MmuNotifierRange ownMigration = Pages(10, 4, MmuNotifierEvent.Migrate, owner: owner);

        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(ownMigration));
        Assert.Equal(before, driver.Subscription.ReadBegin());
        _space.InvalidateRangeEnd(ownMigration);

        Assert.Single(driver.Calls);
        Assert.False(driver.MustRetry(before));
        Invalidate(Pages(10, 4, MmuNotifierEvent.Migrate, owner: new object()));
        Assert.True(driver.MustRetry(before));
    }

    /// <summary>Item 105.</summary>
    [Fact]
    public void ATrueCheckRetryImpliesATrueReadRetryForEver()
    {
        RecordingDriver driver = On(_space, 10, 4);
        var begun = new List<ulong>();
        for (int round = 0; round < 50; round++)
        {
            begun.Add(driver.Subscription.ReadBegin());
            Invalidate(Pages(13, 1));
            foreach (ulong sequence in begun)
            {
                Assert.True(driver.Subscription.CheckRetry(sequence));
                Assert.True(driver.MustRetry(sequence));
            }
        }
    }

    [Fact]
    public void AReaderThatBeginsBetweenTheOddNumberAndItsCallbackIsCaughtByTheRetry()
    {
        RecordingDriver early = On(_space, 10, 4);
        RecordingDriver late = On(_space, 20, 4);
        ulong read = 0;

        // The callback of the first subscription runs when the number is odd and the second has not been told yet.
        early.Inside = () => new BlockedCall(() => read = late.Subscription.ReadBegin()).AssertReturns();
        Invalidate(Pages(10, 14));

        Assert.NotEqual(0UL, read);
        Assert.True(late.MustRetry(read));
    }

    [Fact]
    public void ReadingOrRemovingInsideACallbackOfTheSameAddressSpaceIsRefused()
    {
        RecordingDriver driver = On(_space, 10, 4);
        var otherSpace = new MmuNotifierSubscriptions();
        RecordingDriver elsewhere = On(otherSpace, 10, 4);
        driver.Inside = () =>
        {
            Assert.Throws<InvalidOperationException>(() => driver.Subscription.ReadBegin());
            Assert.Throws<InvalidOperationException>(driver.Subscription.Remove);
            elsewhere.Subscription.ReadBegin();
        };

        Invalidate(Pages(10, 1));

        Assert.Single(driver.Calls);
        driver.Subscription.ReadBegin();
    }

    [Fact]
    public void OnlyOddNumbersCanBeStored()
    {
        RecordingDriver driver = On(_space, 10, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => driver.Subscription.SetSequence(4));
    }

    private void Invalidate(MmuNotifierRange range)
    {
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(range));
        _space.InvalidateRangeEnd(range);
    }
}
