using System;
using System.Threading;
using System.Threading.Tasks;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Core.Tests.Notifiers;

namespace Hmm.Core.Tests.Mirroring;

/// <summary>Waiting for a range.</summary>
public sealed class MirrorRangeWaitTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(30);
    private readonly MirrorWorld _world = new();

    public void Dispose() => _world.Dispose();

    /// <summary>The difference between 2019 as it was meant and 2020: whose end is waited for.</summary>
    [Fact]
    public void AMirrorRangeWaitsForItsOwnInvalidationsWhereAnIntervalNotifierWaitsForAllInFlight()
    {
        using ShadowDriver driver = new(_world, 0, 4);
        RecordingDriver interval = new();
        Assert.Equal(HmmStatus.Success, interval.Subscription.Insert(_world.Space.Notifiers, MirrorWorld.At(0), 4 * 4096));
        _world.Begin(1, 1);
        _world.Begin(500, 1);
        bool isValid = false;
        var waiter = new BlockedCall(() => isValid = driver.Range.WaitUntilValid(Long));
        var reader = new BlockedCall(() => interval.Subscription.ReadBegin());
        waiter.AssertWaits();
        reader.AssertWaits();

        _world.End(1, 1);

        waiter.AssertReturns();
        Assert.True(isValid);
        reader.AssertWaits();
        _world.End(500, 1);
        reader.AssertReturns();
    }

    [Fact]
    public void WaitersWakeWhenTheLastOfSeveralInvalidationsOfTheRangeEnds()
    {
        using ShadowDriver driver = new(_world, 0, 4);
        _world.Begin(0, 2);
        _world.Begin(1, 9);
        bool isValid = false;
        var waiter = new BlockedCall(() => isValid = driver.Range.WaitUntilValid(Timeout.InfiniteTimeSpan));
        waiter.AssertWaits();
        _world.End(0, 2);
        waiter.AssertWaits();
        _world.End(1, 9);
        waiter.AssertReturns();
        Assert.True(isValid);
    }

    [Fact]
    public void ANeighboursInvalidationDoesNotTouchTheRange()
    {
        _world.Map(0, 12);
        using ShadowDriver driver = new(_world, 4, 4);
        ulong[] words = new ulong[4];
        Assert.Equal(HmmStatus.Success, driver.Range.Snapshot<Linux2020>(words));

        _world.Begin(0, 4);
        _world.Begin(8, 4);

        Assert.Equal(0, driver.Range.InvalidationsInFlight);
        Assert.True(driver.TryCommit(words));
        Assert.True(driver.Range.WaitUntilValid(TimeSpan.Zero));
        Assert.Empty(driver.Events);
        _world.End(0, 4);
        _world.End(8, 4);
    }

    [Fact]
    public void TheWaitEndsWhenItsTimeIsUp()
    {
        using ShadowDriver driver = new(_world, 0, 4);
        Assert.True(driver.Range.WaitUntilValid(TimeSpan.Zero));
        _world.Begin(3, 1);

        Assert.False(driver.Range.WaitUntilValid(TimeSpan.Zero));
        Assert.False(driver.Range.WaitUntilValid(Short));
        Assert.False(driver.Range.IsDead);
        Assert.Throws<ArgumentOutOfRangeException>(() => driver.Range.WaitUntilValid(TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => driver.Range.WaitUntilValid(TimeSpan.MaxValue));
        _world.End(3, 1);
        Assert.True(driver.Range.WaitUntilValid(TimeSpan.Zero));
    }

    [Fact]
    public async Task TheAsynchronousWaitHasAllFourEnds()
    {
        ShadowDriver driver = new(_world, 0, 4);
        Assert.True(await driver.Range.WaitUntilValidAsync(Long));
        _world.Begin(0, 1);

        using var cancelling = new CancellationTokenSource();
        Task<bool> cancelled = driver.Range.WaitUntilValidAsync(Long, cancelling.Token);
        Task<bool> patient = driver.Range.WaitUntilValidAsync(Long, CancellationToken.None);
        Assert.False(await driver.Range.WaitUntilValidAsync(Short, CancellationToken.None));
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driver.Range.WaitUntilValidAsync(Long, cancelling.Token));
        Assert.False(patient.IsCompleted);
        _world.End(0, 1);
        Assert.True(await patient);

        _world.Begin(0, 1);
        Task<bool> orphan = driver.Range.WaitUntilValidAsync(Long, CancellationToken.None);
        driver.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => orphan);
        _world.End(0, 1);
    }

    [Fact]
    public async Task TheDeathOfTheAddressSpaceWakesEverybody()
    {
        using ShadowDriver driver = new(_world, 0, 4);
        _world.Begin(0, 1);
        bool isValid = true;
        HmmStatus status = HmmStatus.Success;
        var waiter = new BlockedCall(() => isValid = driver.Range.WaitUntilValid(Long));
        var faulter = new BlockedCall(() => status = driver.Range.Fault<Linux2020>(new(MirrorWorld.Fault), new ulong[4], block: true, out _));
        Task<bool> task = driver.Range.WaitUntilValidAsync(Long);
        waiter.AssertWaits();
        faulter.AssertWaits();

        _world.Exit();

        waiter.AssertReturns();
        faulter.AssertReturns();
        Assert.False(isValid);
        Assert.False(await task);
        Assert.Equal(HmmStatus.Invalid, status);
        Assert.True(driver.Range.IsDead);
        Assert.Contains(MmuNotifierEvent.Release, driver.Events);
        Assert.Equal(HmmStatus.Invalid, driver.Range.Snapshot<Linux2020>(new ulong[4]));
        Assert.False(driver.Range.IsValid);
        _world.End(0, 1);
        Assert.False(driver.Range.WaitUntilValid(Long));
    }

    /// <summary>Interval notifiers hear of the death before ranges do; what a range says must agree with itself meanwhile too.</summary>
    [Fact]
    public void ARangeWhoseWalksAreInvalidSaysThatItIsDead()
    {
        using ShadowDriver driver = new(_world, 0, 4);
        bool? isDead = null;
        RecordingDriver first = new()
        {
            Inside = () =>
            {
                var walker = new BlockedCall(() =>
                {
                    Assert.Equal(HmmStatus.Invalid, driver.Range.Snapshot<Linux2020>(new ulong[4]));
                    isDead = driver.Range.IsDead;
                });
                walker.AssertReturns();
            },
        };
        first.Subscription.Insert(_world.Space.Notifiers, MirrorWorld.At(0), 4096);

        _world.Exit();

        Assert.True(isDead);
        first.Subscription.Remove();
    }

    [Fact]
    public void ARangeOnADeadAddressSpaceIsDeadFromTheBeginning()
    {
        _world.Exit();
        using ShadowDriver driver = new(_world, 0, 4);

        Assert.True(driver.Range.IsDead);
        Assert.False(driver.Range.WaitUntilValid(Long));
        Assert.Equal(HmmStatus.Invalid, driver.Range.Fault<Linux2020>(new(MirrorWorld.Fault), new ulong[4], block: true, out _));
    }

    [Fact]
    public void AnInvalidationThatWasInFlightBeforeTheRangeWasMadeCounts()
    {
        _world.Begin(2, 1);
        using ShadowDriver driver = new(_world, 0, 4);

        Assert.Empty(driver.Events);
        Assert.Equal(HmmStatus.Again, driver.Range.Snapshot<Linux2020>(new ulong[4]));
        Assert.False(driver.Range.WaitUntilValid(TimeSpan.Zero));
        _world.End(2, 1);
        Assert.True(driver.Range.WaitUntilValid(TimeSpan.Zero));
    }
}
