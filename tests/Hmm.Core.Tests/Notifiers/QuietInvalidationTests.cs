using System;
using System.Threading;
using Hmm.Core.Notifiers;
using static Hmm.Core.Tests.Notifiers.RecordingDriver;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>NTF-16: an invalidation that nobody has to be told of ends without the lock, and still nobody who comes meanwhile is forgotten.</summary>
public sealed class QuietInvalidationTests
{
    private const int Rounds = 20_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly MmuNotifierSubscriptions _space = new();
    private bool _isOver;

    [Fact]
    public void MoreThanThereArePlacesForAreAllInFlightAndAllEnd()
    {
        for (ulong page = 0; page < 40; page++)
        {
            Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(page, 1)));
        }

        Assert.Equal(40, _space.ActiveInvalidations);
        for (ulong page = 0; page < 40; page++)
        {
            _space.InvalidateRangeEnd(Pages(page, 1));
        }

        Assert.Equal((0, 2UL), (_space.ActiveInvalidations, _space.Sequence));
    }

    [Fact]
    public void EqualOnesEndAsOftenAsTheyStarted()
    {
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(1, 1)));
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(1, 1)));
        _space.InvalidateRangeEnd(Pages(1, 1));
        _space.InvalidateRangeEnd(Pages(1, 1));
        Assert.Throws<InvalidOperationException>(() => _space.InvalidateRangeEnd(Pages(1, 1)));
    }

    [Fact]
    public void AnEndThatDiffersInOneValueEndsNothing()
    {
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(1, 1)));
        Assert.Throws<InvalidOperationException>(() => _space.InvalidateRangeEnd(Pages(1, 2)));
        Assert.Throws<InvalidOperationException>(() => _space.InvalidateRangeEnd(Pages(1, 1, MmuNotifierEvent.Unmap)));
        Assert.Throws<InvalidOperationException>(() => _space.InvalidateRangeEnd(Pages(1, 1, isBlockable: false)));
        Assert.Throws<InvalidOperationException>(() => _space.InvalidateRangeEnd(Pages(1, 1, owner: this)));
        Assert.Equal(1, _space.ActiveInvalidations);
        _space.InvalidateRangeEnd(Pages(1, 1));
    }

    [Fact]
    public void WhoSubscribesMeanwhileIsToldStartAndEnd()
    {
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(1, 1)));
        CountingSubscriber subscriber = CountingSubscriber.On(_space);
        Assert.Equal(1, _space.ActiveInvalidations);
        _space.InvalidateRangeEnd(Pages(1, 1));
        Assert.Equal("start(1) end(1)", subscriber.Story);
        Assert.Equal(0, _space.ActiveInvalidations);
    }

    [Fact]
    public void AReaderOfAnIntervalThatCameMeanwhileWaitsForTheEnd()
    {
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(1, 1)));
        RecordingDriver late = On(_space, 1, 1);
        Assert.True(_space.IsInvalidating);
        _space.InvalidateRangeEnd(Pages(1, 1));
        Assert.False(_space.IsInvalidating);
        late.Subscription.ReadBegin();
    }

    // The end sees that somebody came, or who comes sees the end: if neither did, a reader would wait for ever.
    [Fact]
    public void NobodyWhoComesAtTheMomentOfTheEndWaitsForEver()
    {
        int started = 0;
        int visited = 0;
        Thread visits = Begin(() =>
        {
            for (int round = 1; round <= Rounds; round++)
            {
                SpinUntil(ref started, round);
                Thread.SpinWait(round % 31);
                RecordingDriver driver = On(_space, 1, 1);
                driver.Subscription.ReadBegin();
                driver.Subscription.Remove();
                Volatile.Write(ref visited, round);
            }
        });
        Thread changes = Begin(() =>
        {
            for (int round = 1; round <= Rounds; round++)
            {
                _space.InvalidateRangeStart(Pages(1, 1));
                Volatile.Write(ref started, round);
                Thread.SpinWait(round % 37);
                _space.InvalidateRangeEnd(Pages(1, 1));
                SpinUntil(ref visited, round);
            }
        });
        // On a busy machine the two take turns slowly; only a standstill is a failure.
        int seen = -1;
        while (!visits.Join(Patience))
        {
            Assert.True(Volatile.Read(ref visited) > seen, "A reader waits though nothing is in flight.");
            seen = Volatile.Read(ref visited);
        }

        Assert.True(changes.Join(Patience));
        Assert.Equal((0, false), (_space.ActiveInvalidations, _space.IsInvalidating));
    }

    [Fact]
    public void WhoSubscribesAtTheMomentOfTheEndGetsAsManyEndsAsStarts()
    {
        Thread[] changes = [Begin(() => Change(1)), Begin(() => Change(3))];
        CountingSubscriber[] all = new CountingSubscriber[Rounds / 20];
        for (int i = 0; i < all.Length; i++)
        {
            // The last few stay; the others go before anything is quiet again.
            all[i] = CountingSubscriber.On(_space);
            if (i < all.Length - 3)
            {
                all[i].Notifier.Unregister();
            }
        }

        Volatile.Write(ref _isOver, true);
        Assert.All(changes, thread => Assert.True(thread.Join(Patience)));
        Assert.All(all, subscriber => Assert.False(subscriber.WentBelowZero));
        Assert.All(all, subscriber => Assert.True(!subscriber.Notifier.IsRegistered || subscriber.InFlight == 0));
        Assert.Equal(0, _space.ActiveInvalidations);
    }

    private static void SpinUntil(ref int value, int reached)
    {
        SpinWait spinner = default;
        while (Volatile.Read(ref value) < reached)
        {
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

    private static Thread Begin(ThreadStart work)
    {
        Thread thread = new(work) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private void Change(ulong page)
    {
        while (!Volatile.Read(ref _isOver))
        {
            _space.InvalidateRangeStart(Pages(page, 1));
            _space.InvalidateRangeEnd(Pages(page, 1));
        }
    }
}
