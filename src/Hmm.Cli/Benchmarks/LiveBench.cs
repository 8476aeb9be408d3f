using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Hmm.Cli.Benchmarks;

/// <summary>Faults and moves of live memory; nanoseconds a page, against a bare loop that does the same system calls with no engine.</summary>
/// <remarks>
/// Engine and bare loop take turns. Of single faults the median and the 99th percentile of all touches count, elsewhere the median of the runs. The touching
/// thread and the serving one share a processor: from one processor to another a fault would cost several times what is measured here.
/// </remarks>
internal sealed unsafe class LiveBench(CancellationToken cancellation)
{
    private const int Pages = 1 << 13;
    private const int Runs = 7;

    public IReadOnlyList<BenchResult> Run()
    {
        List<BenchResult> results = [];
        using (LiveView live = new(Pages, readAhead: 1))
        using (BareLoop bare = new(Pages))
        {
            results.Add(Touches("first touch", live.Start, live.Empty, bare.Start, bare.Empty, write: true));
            TouchAll(live.Start, true, null);
            TouchAll(bare.Start, true, null);
            results.Add(Touches(
                "return of a page, RAM pool", live.Start, () => Moved(live.MoveOut()), bare.Start, () => bare.MoveOut(1), write: false));
            results.Add(Touches(
                "write-protect fault", live.Start, () => Return(live), bare.Start, bare.Protect, write: true));
            results.Add(Bulk("bulk migration out", live, bare, isOut: true));
            results.Add(Bulk("bulk migration back", live, bare, isOut: false));
        }

        results.Add(Ahead());
        results.Add(new LiveRandomBench(cancellation).Run());
        return results;
    }

    private BenchResult Ahead()
    {
        using LiveView live = new(Pages, readAhead: 16);
        using BareLoop bare = new(Pages);
        TouchAll(live.Start, true, null);
        TouchAll(bare.Start, true, null);
        double[] subjects = new double[Runs];
        double[] baselines = new double[Runs];
        for (int run = -1; run < Runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            Moved(live.MoveOut());
            bare.MoveOut(16);
            double subject = Stopclock.Time(() => TouchAll(live.Start, false, null));
            double baseline = Stopclock.Time(() => TouchAll(bare.Start, false, null));
            Note(run, subject, baseline, subjects, baselines);
        }

        return BenchResult.Of("return with read-ahead of 16 pages", Stopclock.Median(subjects) / Pages, Stopclock.Median(baselines) / Pages);
    }

    private BenchResult Touches(string name, nuint live, Action prepareLive, nuint bare, Action prepareBare, bool write)
    {
        double[] subjects = new double[Runs * Pages];
        double[] baselines = new double[Runs * Pages];
        for (int run = -1; run < Runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            int at = Math.Max(run, 0) * Pages;
            prepareLive();
            TouchAll(live, write, subjects.AsSpan(at, Pages));
            prepareBare();
            TouchAll(bare, write, baselines.AsSpan(at, Pages));
        }

        double subject = Stopclock.Median(subjects);
        double baseline = Stopclock.Median(baselines);
        return BenchResult.Of(name, subject, baseline) with
        {
            P99Ns = subjects[subjects.Length * 99 / 100],
            BaselineP99Ns = baselines[baselines.Length * 99 / 100],
        };
    }

    private BenchResult Bulk(string name, LiveView live, BareLoop bare, bool isOut)
    {
        double[] subjects = new double[Runs];
        double[] baselines = new double[Runs];
        for (int run = -1; run < Runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();

            // Shown to the application, as memory in use is: what leaves has to be taken out of the view.
            TouchAll(live.Start, true, null);
            TouchAll(bare.Start, true, null);
            double subjectOut = Stopclock.Time(() => Moved(live.MoveOut()));
            double baselineOut = Stopclock.Time(() => bare.MoveOut(1));
            double subjectIn = Stopclock.Time(() => Moved(live.MoveIn()));
            double baselineIn = Stopclock.Time(bare.MoveIn);
            Note(run, isOut ? subjectOut : subjectIn, isOut ? baselineOut : baselineIn, subjects, baselines);
        }

        BenchResult result = BenchResult.Of(name, Stopclock.Median(subjects) / Pages, Stopclock.Median(baselines) / Pages);
        return result with { GigabytesPerSecond = 4096 / result.NsPerPage, BaselineGigabytesPerSecond = 4096 / result.BaselineNsPerPage };
    }

    private static void Note(int run, double subject, double baseline, double[] subjects, double[] baselines)
    {
        if (run >= 0)
        {
            subjects[run] = subject;
            baselines[run] = baseline;
        }
    }

    // Read, so that each page is shown clean, and its first write is a fault.
    private static void Return(LiveView live)
    {
        Moved(live.MoveOut());
        TouchAll(live.Start, false, null);
    }

    private static void TouchAll(nuint start, bool write, Span<double> latencies)
    {
        double unit = 1e9 / Stopwatch.Frequency;
        for (int i = 0; i < Pages; i++)
        {
            long* word = (long*)(start + ((nuint)i * 4096));
            long before = Stopwatch.GetTimestamp();
            if (write)
            {
                Volatile.Write(ref *word, i);
            }
            else
            {
                _ = Volatile.Read(ref *word);
            }

            if (!latencies.IsEmpty)
            {
                latencies[i] = (Stopwatch.GetTimestamp() - before) * unit;
            }
        }
    }

    private static void Moved(long pages)
    {
        if (pages != Pages)
        {
            throw new InvalidOperationException($"{pages} of {Pages} pages moved.");
        }
    }
}
