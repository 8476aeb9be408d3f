using System;
using System.Threading;
using Hmm.Core.Notifiers;
using static Hmm.Core.Tests.Notifiers.RecordingDriver;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>Subscribers that are told both the start and the end of every invalidation.</summary>
public sealed class MmuNotifierTests
{
    private readonly MmuNotifierSubscriptions _space = new();

    [Fact]
    public void EveryInvalidationIsToldFromItsStartToItsEndWhereverItIs()
    {
        CountingSubscriber subscriber = CountingSubscriber.On(_space);
        MmuNotifierRange near = Pages(1, 1);
        MmuNotifierRange far = Pages(1_000_000, 1);

        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(near));
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(far));
        _space.InvalidateRangeEnd(near);
        _space.InvalidateRangeEnd(far);

        Assert.Equal("start(1) start(1000000) end(1) end(1000000)", subscriber.Story);
        Assert.Equal(2UL, _space.Sequence);
    }

    [Fact]
    public void WhoAgreedBeforeARefusalIsToldTheEndAndNobodyElse()
    {
        CountingSubscriber[] all = [CountingSubscriber.On(_space), CountingSubscriber.On(_space), CountingSubscriber.On(_space)];
        RecordingDriver interval = On(_space, 1, 1);
        all[1].Answer = false;

        Assert.Equal(HmmStatus.Again, _space.InvalidateRangeStart(Pages(1, 1, isBlockable: false)));

        Assert.Equal(["start(1) end(1)", "refusal", ""], Array.ConvertAll(all, one => one.Story));
        Assert.Equal((0, 4UL), (_space.ActiveInvalidations, _space.Sequence));
        Assert.Single(interval.Calls);
        interval.Subscription.ReadBegin();
    }

    [Fact]
    public void ARefusalOfAnIntervalSubscriptionReachesNobodyElse()
    {
        CountingSubscriber subscriber = CountingSubscriber.On(_space);
        On(_space, 1, 1).Answer = false;

        Assert.Equal(HmmStatus.Again, _space.InvalidateRangeStart(Pages(1, 1, isBlockable: false)));

        Assert.Equal("", subscriber.Story);
    }

    [Fact]
    public void TheEndOfTheAddressSpaceIsToldAlsoIfSomebodyElseThrowsAtIt()
    {
        CountingSubscriber subscriber = CountingSubscriber.On(_space);
        On(_space, 1, 1).Inside = () => throw new NotSupportedException();
        Assert.Throws<NotSupportedException>(_space.Release);
        Assert.Equal("release", subscriber.Story);
    }

    [Fact]
    public void ARefusalThatIsNotAllowedIsCountedAndItsEndComes()
    {
        CountingSubscriber subscriber = CountingSubscriber.On(_space);
        subscriber.Answer = false;

        Invalidate(Pages(1, 1));

        Assert.Equal("refusal end(1)", subscriber.Story);
        Assert.Equal(1, _space.RefusalsIgnored);
    }

    [Fact]
    public void AStartThatThrowsIsTakenBackAndAnEndThatThrowsKeepsNothingFromTheOthers()
    {
        CountingSubscriber first = CountingSubscriber.On(_space);
        CountingSubscriber second = CountingSubscriber.On(_space);
        CountingSubscriber third = CountingSubscriber.On(_space);
        second.InsideStart = () => throw new TimeoutException();
        Assert.Throws<TimeoutException>(() => _space.InvalidateRangeStart(Pages(1, 1)));
        Assert.Equal(("start(1) end(1)", "start(1) end(1)"), (first.Story, third.Story));
        Assert.Equal(("start(1) end(1)", 0), (second.Story, second.InFlight));
        Assert.Equal(0, _space.ActiveInvalidations);

        second.InsideStart = null;
        second.InsideEnd = () => throw new TimeoutException();
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(2, 1)));
        Assert.Throws<TimeoutException>(() => _space.InvalidateRangeEnd(Pages(2, 1)));

        Assert.Equal("start(1) end(1) start(2) end(2)", third.Story);
        Assert.Equal(0, _space.ActiveInvalidations);
    }

    [Fact]
    public void AStartThatMayBeRefusedIsRefusedByAnException()
    {
        CountingSubscriber first = CountingSubscriber.On(_space);
        CountingSubscriber second = CountingSubscriber.On(_space);
        CountingSubscriber third = CountingSubscriber.On(_space);
        second.InsideStart = () => throw new TimeoutException();
        Assert.Throws<TimeoutException>(() => _space.InvalidateRangeStart(Pages(1, 1, isBlockable: false)));
        Assert.Equal(("start(1) end(1)", "start(1)", ""), (first.Story, second.Story, third.Story));
        Assert.Equal((0, 0L), (_space.ActiveInvalidations, _space.RefusalsIgnored));
    }

    [Fact]
    public void WhoComesDuringInvalidationsKnowsThemAllAndIsToldTheirEnds()
    {
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(1, 1)));
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(2, 1)));

        CountingSubscriber late = CountingSubscriber.On(_space);
        Assert.Equal(2, late.InFlight);
        _space.InvalidateRangeEnd(Pages(1, 1));
        _space.InvalidateRangeEnd(Pages(2, 1));

        Assert.Equal("start(1) start(2) end(1) end(2)", late.Story);
    }

    [Fact]
    public void WhatEndsWhileItsStartIsBeingToldLateIsEndedAfterwards()
    {
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(1, 1)));
        var late = new CountingSubscriber();
        late.InsideStart = () => new BlockedCall(() => _space.InvalidateRangeEnd(Pages(1, 1))).AssertReturns();

        Assert.Equal(HmmStatus.Success, late.Notifier.Register(_space));

        Assert.Equal("start(1) end(1)", late.Story);
        Assert.Equal(0, _space.ActiveInvalidations);
    }

    [Fact]
    public void EqualInvalidationsInFlightGiveAsManyEndsAsStarts()
    {
        CountingSubscriber early = CountingSubscriber.On(_space);
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(1, 1)));
        CountingSubscriber late = CountingSubscriber.On(_space);
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(Pages(1, 1)));

        _space.InvalidateRangeEnd(Pages(1, 1));
        Assert.Equal((1, 1), (early.InFlight, late.InFlight));
        _space.InvalidateRangeEnd(Pages(1, 1));
        Assert.Equal((0, 0), (early.InFlight, late.InFlight));
        Assert.Throws<InvalidOperationException>(() => _space.InvalidateRangeEnd(Pages(1, 1)));
    }

    /// <summary>An end is never taken for that of an equal invalidation whose start is still being told.</summary>
    [Fact]
    public void AnEqualInvalidationThatPassesWhileAnotherIsBeingToldLeavesThatOneAlone()
    {
        RecordingDriver interval = On(_space, 1, 1);
        CountingSubscriber subscriber = CountingSubscriber.On(_space);
        MmuNotifierRange range = Pages(1, 1, isBlockable: false);
        interval.Inside = () =>
        {
            interval.Inside = null;
            new BlockedCall(() => Invalidate(range)).AssertReturns();
            interval.Answer = false;
        };

        Assert.Equal(HmmStatus.Again, _space.InvalidateRangeStart(range));

        Assert.Equal("start(1) end(1)", subscriber.Story);
        Assert.Equal(0, _space.ActiveInvalidations);
    }

    [Fact]
    public void UnregisteringWaitsForTheCallbackThatRunsAndNotForTheInvalidation()
    {
        CountingSubscriber subscriber = CountingSubscriber.On(_space);
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        subscriber.InsideStart = () =>
        {
            inside.Set();
            goOn.Wait();
        };
        var invalidating = new BlockedCall(() => _space.InvalidateRangeStart(Pages(1, 1)));
        inside.Wait();

        var leaving = new BlockedCall(subscriber.Notifier.Unregister);
        leaving.AssertWaits();
        goOn.Set();
        leaving.AssertReturns();
        invalidating.AssertReturns();

        Assert.Equal(1, _space.ActiveInvalidations);
        _space.InvalidateRangeEnd(Pages(1, 1));
        Assert.Equal("start(1)", subscriber.Story);
    }

    [Fact]
    public void ASubscriptionIsRegisteredOnceAndUnregisteredOnce()
    {
        CountingSubscriber subscriber = CountingSubscriber.On(_space);
        Assert.Throws<InvalidOperationException>(() => subscriber.Notifier.Register(_space));
        subscriber.InsideEnd = () => Assert.Throws<InvalidOperationException>(subscriber.Notifier.Unregister);
        Invalidate(Pages(1, 1));

        subscriber.Notifier.Unregister();

        Assert.Throws<InvalidOperationException>(subscriber.Notifier.Unregister);
        Assert.Throws<InvalidOperationException>(() => subscriber.Notifier.Register(_space));
    }

    [Fact]
    public void TheEndOfTheAddressSpaceIsToldOnceAndNobodyCanComeAfterwards()
    {
        CountingSubscriber subscriber = CountingSubscriber.On(_space);
        _space.Release();
        _space.Release();
        Invalidate(Pages(1, 1));

        Assert.Equal("release start(1) end(1)", subscriber.Story);
        Assert.Equal(HmmStatus.Invalid, new CountingSubscriber().Notifier.Register(_space));
    }

    [Fact]
    public void WithManyThreadsEveryCountComesBackToZeroAndNoneGoesBelow()
    {
        CountingSubscriber resident = CountingSubscriber.On(_space);
        var picky = new RefusingSubscriber();
        var pickyNotifier = new MmuNotifier(picky);
        Assert.Equal(HmmStatus.Success, pickyNotifier.Register(_space));
        bool wentBelow = false;
        BlockedCall[] invalidators = Array.ConvertAll([1, 2, 3], seed => new BlockedCall(() => InvalidateOften(new Random(seed))));
        var visiting = new BlockedCall(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                CountingSubscriber visitor = CountingSubscriber.On(_space);
                Thread.Yield();
                visitor.Notifier.Unregister();
                wentBelow |= visitor.WentBelowZero;
            }
        });

        visiting.AssertReturns();
        Array.ForEach(invalidators, invalidator => invalidator.AssertReturns());

        Assert.Equal((0, 0, 0), (resident.InFlight, picky.InFlight, _space.ActiveInvalidations));
        Assert.False(wentBelow || resident.WentBelowZero || picky.WentBelowZero);
    }

    [Fact]
    public void NotificationsAllocateNothing()
    {
        using var space = new SilentSpace();
        long least = long.MaxValue;
        for (int round = 0; round < 50 && least != 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            space.Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private void Invalidate(MmuNotifierRange range)
    {
        Assert.Equal(HmmStatus.Success, _space.InvalidateRangeStart(range));
        _space.InvalidateRangeEnd(range);
    }

    private void InvalidateOften(Random random)
    {
        for (int i = 0; i < 1000; i++)
        {
            MmuNotifierRange range = Pages((ulong)random.Next(2), 1, isBlockable: random.Next(2) == 0);
            if (_space.InvalidateRangeStart(in range) == HmmStatus.Success)
            {
                _space.InvalidateRangeEnd(in range);
            }
        }
    }

    /// <summary>Refuses every third start that may be refused.</summary>
    private sealed class RefusingSubscriber : IMmuNotifierOps
    {
        private int _inFlight;
        private int _calls;

        public int InFlight => Volatile.Read(ref _inFlight);

        public bool WentBelowZero { get; private set; }

        public bool InvalidateRangeStart(in MmuNotifierRange range)
        {
            if (!range.IsBlockable && Interlocked.Increment(ref _calls) % 3 == 0)
            {
                return false;
            }

            Interlocked.Increment(ref _inFlight);
            return true;
        }

        public void InvalidateRangeEnd(in MmuNotifierRange range) => WentBelowZero |= Interlocked.Decrement(ref _inFlight) < 0;

        public void Release()
        {
        }
    }

    private sealed class SilentSpace : IDisposable
    {
        private readonly MmuNotifierSubscriptions _space = new();
        private readonly MmuNotifier[] _notifiers = [new(new RefusingSubscriber()), new(new RefusingSubscriber())];

        public SilentSpace() => Array.ForEach(_notifiers, notifier => Assert.Equal(HmmStatus.Success, notifier.Register(_space)));

        public void Run()
        {
            MmuNotifierRange one = Pages(1, 1);
            MmuNotifierRange other = Pages(2, 1, isBlockable: false);
            for (int i = 0; i < 10; i++)
            {
                _space.InvalidateRangeStart(in one);
                if (_space.InvalidateRangeStart(in other) == HmmStatus.Success)
                {
                    _space.InvalidateRangeEnd(in other);
                }

                _space.InvalidateRangeEnd(in one);
            }
        }

        public void Dispose() => Array.ForEach(_notifiers, notifier => notifier.Unregister());
    }
}
