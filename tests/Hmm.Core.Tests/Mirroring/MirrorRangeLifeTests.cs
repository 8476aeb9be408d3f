using System;
using System.Threading;
using System.Threading.Tasks;
using Hmm.Core.Mirroring;
using Hmm.Core.Tests.Notifiers;

namespace Hmm.Core.Tests.Mirroring;

/// <summary>Registering, disposing, refusing: what went wrong with the interface of 2019.</summary>
public sealed class MirrorRangeLifeTests : IDisposable
{
    private readonly MirrorWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task DisposingTwiceIsHarmlessAndUseAfterwardsThrows()
    {
        ShadowDriver driver = new(_world, 0, 4);
        MirrorRange range = driver.Range;
        _world.Begin(0, 1);
        range.Dispose();
        range.Dispose();
        _world.End(0, 1);
        _world.Begin(0, 1);

        Assert.Single(driver.Events);
        Assert.Throws<ObjectDisposedException>(() => range.IsValid);
        Assert.Throws<ObjectDisposedException>(() => range.WaitUntilValid(TimeSpan.Zero));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => range.WaitUntilValidAsync(TimeSpan.Zero));
        Assert.Throws<ObjectDisposedException>(() => { _ = range.WaitUntilValidAsync(TimeSpan.Zero, new CancellationToken(canceled: true)); });
        Assert.Throws<ObjectDisposedException>(() => range.Snapshot<Linux2020>(new ulong[4]));
        Assert.Throws<ObjectDisposedException>(() => range.Fault<Linux2020>(new(MirrorWorld.Fault), new ulong[4], block: true, out _));
        _world.End(0, 1);
    }

    [Fact]
    public void DisposingWaitsForTheCallbackThatRunsAndThrowsOutWhoWaits()
    {
        ShadowDriver driver = new(_world, 0, 4);
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        driver.Inside = () =>
        {
            inside.Set();
            goOn.Wait();
        };
        var invalidating = new BlockedCall(() => _world.Begin(0, 1));
        inside.Wait();
        var waiter = new BlockedCall(() =>
            Assert.Throws<ObjectDisposedException>(() => driver.Range.WaitUntilValid(Timeout.InfiniteTimeSpan)));
        waiter.AssertWaits();

        var disposing = new BlockedCall(driver.Range.Dispose);
        disposing.AssertWaits();
        waiter.AssertReturns();
        goOn.Set();
        disposing.AssertReturns();
        invalidating.AssertReturns();
        _world.End(0, 1);
    }

    [Fact]
    public void InsideItsCallbackARangeCanNeitherBeDisposedNorWaitedForNorWalked()
    {
        using ShadowDriver driver = new(_world, 0, 4);
        driver.Inside = () =>
        {
            Action[] attempts =
            [
                driver.Range.Dispose,
                () => driver.Range.WaitUntilValid(TimeSpan.Zero),
                () => { _ = driver.Range.WaitUntilValidAsync(TimeSpan.Zero); },
                () => driver.Range.Snapshot<Linux2020>(new ulong[4]),
                () => _ = new MirrorRange(_world.Space, MirrorWorld.Pages(0, 1), driver),
            ];
            foreach (Action attempt in attempts)
            {
                string message = Assert.Throws<InvalidOperationException>(attempt).Message;
                Assert.StartsWith("A mirrored range cannot be ", message, StringComparison.Ordinal);
            }
        };

        _world.Begin(0, 1);
        _world.End(0, 1);

        Assert.Single(driver.Events);
        Assert.True(driver.Range.WaitUntilValid(TimeSpan.Zero));
    }

    /// <summary>In 2019 the count leaked here: the range was never valid again.</summary>
    [Fact]
    public void ARefusedInvalidationLeavesNothingInFlight()
    {
        using ShadowDriver before = new(_world, 0, 4);
        using ShadowDriver picky = new(_world, 0, 4) { Refuses = true };
        using ShadowDriver behind = new(_world, 0, 4);

        Assert.Equal(HmmStatus.Again, _world.Space.Notifiers.InvalidateRangeStart(MirrorWorld.Change(0, 1, isBlockable: false)));

        foreach (ShadowDriver driver in new[] { before, picky, behind })
        {
            Assert.Equal(0, driver.Range.InvalidationsInFlight);
            Assert.True(driver.Range.WaitUntilValid(TimeSpan.Zero));
        }

        Assert.Equal((1, 0, 0), (before.Events.Count, picky.Events.Count, behind.Events.Count));
    }

    [Fact]
    public void ACallbackThatThrowsLeavesNothingInFlight()
    {
        using ShadowDriver before = new(_world, 0, 4);
        using ShadowDriver broken = new(_world, 0, 4) { Inside = () => throw new TimeoutException() };

        Assert.Throws<TimeoutException>(() => _world.Begin(0, 1));

        Assert.Equal((0, 0), (before.Range.InvalidationsInFlight, broken.Range.InvalidationsInFlight));
        broken.Inside = null;
    }

    [Fact]
    public void ARangeNeedsWholePagesAndAtLeastOne()
    {
        using ShadowDriver driver = new(_world, 0, 1);
        Assert.Throws<ArgumentException>(() => new MirrorRange(_world.Space, MirrorWorld.Pages(0, 0), driver));
        Assert.Throws<ArgumentException>(() => new MirrorRange(_world.Space, new(new(1), new(4096)), driver));
        Assert.Throws<ArgumentException>(() => driver.Range.Snapshot<Linux2020>(new ulong[2]));
        Assert.Throws<ArgumentException>(() =>
        {
            ulong[] shared = [MirrorWorld.Fault];
            driver.Range.Fault<Linux2020>(new(shared), shared, block: true, out _);
        });
    }
}
