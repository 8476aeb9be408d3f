using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Threading;

namespace Hmm.Live.Tests;

/// <summary>What is counted, and how it is published.</summary>
public sealed class StatisticsTests
{
    [PagerFact]
    public void ALineForLogsHasTheMainNumbers()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create();
        using LiveMapping mapping = space.Map(4096);
        mapping.AsSpan<byte>()[0] = 1;
        Assert.Matches("^1 faults \\(median [0-9]+ us\\), 0 pages out, 0 in, 0 evicted, [0-9]+ KiB in RAM$", space.Statistics.ToString());
    }

    [PagerFact]
    public void EachKindOfFaultIsCounted()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { ReadAheadPages = 1 });
        LiveDevice device = space.AddDevice(LivePool.InRam());
        using LiveMapping mapping = space.Map(16 * 4096);
        mapping.AsSpan<byte>().Fill(1);
        LiveStatistics touched = space.Statistics;
        Assert.Equal(16, touched.MissingFaults);
        Assert.Equal(16, mapping.MigrateTo(device).Moved);
        byte sum = 0;
        foreach (byte value in mapping.AsSpan<byte>())
        {
            sum += value;
        }

        Assert.Equal(0, sum);
        LiveStatistics statistics = space.Statistics;

        // A touch goes on as soon as its page is shown; how long that took is noted just after.
        Assert.True(SpinWait.SpinUntil(() => (statistics = space.Statistics).Latency.Count == statistics.Faults, 10_000));
        Assert.Equal(16, statistics.PagesOut);
        Assert.Equal(16, statistics.PagesIn);
        Assert.Equal(16 * 4096, statistics.BytesWritten);
        Assert.Equal(16 * 4096, statistics.BytesRead);
        Assert.Equal(32, statistics.MissingFaults + statistics.MinorFaults);
        Assert.True(statistics.Latency.Median > 0 && statistics.Latency.P99 >= statistics.Latency.Median);
        Assert.True(statistics.ResidentBytes >= 16 * 4096);
        Assert.Equal(0, statistics.BusErrors + statistics.SegmentationFaults + statistics.PoolErrors + statistics.Evictions);
        Assert.Equal(0U, statistics.LastBusErrorPage);
    }

    [Fact]
    public void QuantilesLieInTheirBuckets()
    {
        long[] buckets = new long[40];
        buckets[10] = 98;
        buckets[20] = 2;
        LatencyHistogram histogram = new(buckets);
        Assert.Equal(100, histogram.Count);
        Assert.InRange(histogram.Median, 1 << 10, 1 << 11);
        Assert.InRange(histogram.P99, 1 << 20, 1 << 21);
        Assert.Equal(0, new LatencyHistogram(new long[40]).Median);
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Quantile(1.1));
    }

    [PagerFact]
    public void AMeterPublishesThemWithTheNameOfTheSpace()
    {
        using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { Name = "measured", RamLimit = 1 << 20, LimitPool = LivePool.InRam() });
        using LiveMapping mapping = space.Map(4 << 20);
        mapping.AsSpan<byte>().Fill(1);
        Dictionary<string, double> found = Measure();
        LiveStatistics statistics = space.Statistics;
        Assert.Equal(statistics.MissingFaults, found["hmm.live.faults missing"]);
        Assert.Equal(statistics.PagesOut, found["hmm.live.pages out"]);
        Assert.Equal(statistics.BytesWritten, found["hmm.live.pool.io out"]);
        Assert.Equal(statistics.Evictions, found["hmm.live.evictions written"] + found["hmm.live.evictions still-good"]);
        Assert.Equal(statistics.ResidentBytes, found["hmm.live.resident ram"]);
        Assert.True(found["hmm.live.fault.duration 0.99"] > 0);
        Assert.Equal(0, found["hmm.live.signals SIGBUS"]);
        space.Dispose();
        Assert.Empty(Measure());
    }

    private static Dictionary<string, double> Measure()
    {
        Dictionary<string, double> found = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Meter.Name == LiveAddressSpace.MeterName)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return found;

        void Note(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags[0].Value is "measured")
            {
                found.Add($"{name} {tags[1].Value}", value);
            }
        }
    }
}
