using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;

namespace Hmm.Cli.Benchmarks;

/// <summary>Interval notifiers at growing numbers of intervals; nanoseconds an operation.</summary>
/// <remarks>The baseline of an operation is the same at 10 intervals, so the ratio is its growth, which like log n stays small until the tree outgrows the
/// processor's caches. The baseline of the last rows is the search in the tree alone, at the same number of intervals.</remarks>
internal sealed class NotifierBench(CancellationToken cancellation) : IMmuIntervalNotifierOps
{
    private const int Operations = 20_000;
    private const int ComparedRuns = 51;
    private static readonly int[] Sizes = [10, 1_000, 100_000];
    private readonly List<BenchResult> _results = [];

    public IReadOnlyList<BenchResult> Run()
    {
        (string Name, Func<int, double> Measure)[] cases =
        [
            ("insert and remove", InsertAndRemove),
            ("invalidation that hits nobody", size => Invalidate(size, hit: false)),
            ("invalidation that hits one", size => Invalidate(size, hit: true)),
            ("read-begin and read-retry", ReadBeginAndRetry),
        ];
        foreach ((string name, Func<int, double> measure) in cases)
        {
            double smallest = 0;
            foreach (int size in Sizes)
            {
                double time = Repeat(() => measure(size));
                smallest = size == Sizes[0] ? time : smallest;
                _results.Add(BenchResult.Of(string.Create(CultureInfo.InvariantCulture, $"{name}, {size:N0} intervals"), time, smallest) with
                {
                    Series = $"{name}, 10 -> 1,000 -> 100,000 intervals",
                });
            }
        }

        foreach (int size in Sizes)
        {
            (MmuNotifierSubscriptions subscriptions, _) = Fill(size);
            (double time, double search) = Stopclock.Compare(
                () => InvalidateNobody(subscriptions, size), () => Search(subscriptions, size), ComparedRuns, cancellation);
            _results.Add(BenchResult.Of(
                string.Create(CultureInfo.InvariantCulture, $"invalidation that hits nobody against the search alone, {size:N0} intervals"),
                time / Operations,
                search / Operations));
        }

        return _results;
    }

    bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        subscription.SetSequence(sequence);
        return true;
    }

    private static VirtualAddress PlaceOf(int interval) => VirtualAddress.FromPage(((ulong)interval * 2) + 1);

    private static double PerOperation(Action<int> operation)
    {
        double time = Stopclock.Time(() =>
        {
            for (int i = 0; i < Operations; i++)
            {
                operation(i);
            }
        });
        return time / Operations;
    }

    private double Repeat(Func<double> measure)
    {
        double[] times = new double[9];
        // Until the JIT has made its best code, which it does in the background.
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(300))
        {
            cancellation.ThrowIfCancellationRequested();
            measure();
        }

        for (int i = 0; i < times.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            times[i] = measure();
        }

        return Stopclock.Median(times);
    }

    private (MmuNotifierSubscriptions Subscriptions, MmuIntervalNotifier[] Notifiers) Fill(int size)
    {
        MmuNotifierSubscriptions subscriptions = new();
        var notifiers = new MmuIntervalNotifier[size];
        for (int i = 0; i < size; i++)
        {
            notifiers[i] = new MmuIntervalNotifier(this);
            notifiers[i].Insert(subscriptions, PlaceOf(i), PageConstants.PageSize);
        }

        return (subscriptions, notifiers);
    }

    private double InsertAndRemove(int size)
    {
        (MmuNotifierSubscriptions subscriptions, MmuIntervalNotifier[] notifiers) = Fill(size);
        return PerOperation(i =>
        {
            MmuIntervalNotifier notifier = notifiers[(int)((uint)i * 2654435761u % (uint)size)];
            VirtualAddress place = notifier.First;
            notifier.Remove();
            notifier.Insert(subscriptions, place, PageConstants.PageSize);
        });
    }

    private double Invalidate(int size, bool hit)
    {
        (MmuNotifierSubscriptions subscriptions, _) = Fill(size);
        return PerOperation(i =>
        {
            ulong page = PlaceOf((int)((uint)i * 2654435761u % (uint)size)).PageNumber + (hit ? 0UL : 1UL);
            MmuNotifierRange range = new(VirtualRange.FromPages(VirtualAddress.FromPage(page), 1), MmuNotifierEvent.Clear);
            subscriptions.InvalidateRangeStart(range);
            subscriptions.InvalidateRangeEnd(range);
        });
    }

    // The two that are compared go the same way but for what they do, without a call through a delegate in each round.
    private static void InvalidateNobody(MmuNotifierSubscriptions subscriptions, int size)
    {
        for (int i = 0; i < Operations; i++)
        {
            MmuNotifierRange range = new(Between(i, size), MmuNotifierEvent.Clear);
            subscriptions.InvalidateRangeStart(range);
            subscriptions.InvalidateRangeEnd(range);
        }
    }

    private static void Search(MmuNotifierSubscriptions subscriptions, int size)
    {
        for (int i = 0; i < Operations; i++)
        {
            if (subscriptions.HasSubscriptionIn(Between(i, size)))
            {
                throw new InvalidOperationException("The benchmark's ranges must hit nobody.");
            }
        }
    }

    /// <summary>The page after some interval.</summary>
    private static VirtualRange Between(int round, int size) =>
        VirtualRange.FromPages(PlaceOf((int)((uint)round * 2654435761u % (uint)size)).AddPages(1), 1);

    private double ReadBeginAndRetry(int size)
    {
        (_, MmuIntervalNotifier[] notifiers) = Fill(size);
        return PerOperation(i =>
        {
            MmuIntervalNotifier notifier = notifiers[(int)((uint)i * 2654435761u % (uint)size)];
            notifier.ReadRetry(notifier.ReadBegin());
        });
    }
}
