using System;
using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Threading;

namespace Hmm.Live.Interop;

/// <summary>Publishes the statistics of all spaces of the process; each measurement carries the space's name.</summary>
/// <remarks>Thread-safe. Costs nothing until somebody listens.</remarks>
internal static class LiveMeter
{
    private static readonly Lock Gate = new();
    private static readonly Meter Source = new(LiveAddressSpace.MeterName);
    private static LiveAddressSpace[] s_spaces = [];

    static LiveMeter()
    {
        Count("hmm.live.faults", "{fault}", "Page faults, by kind.", "hmm.fault.kind",
            ("missing", s => s.MissingFaults), ("minor", s => s.MinorFaults), ("write-protect", s => s.WriteProtectFaults));
        Count("hmm.live.signals", "{signal}", "Touches that got a signal.", "hmm.signal",
            ("SIGBUS", s => s.BusErrors), ("SIGSEGV", s => s.SegmentationFaults));
        Count("hmm.live.pages", "{page}", "Pages that moved between RAM and devices.", "hmm.direction", ("out", s => s.PagesOut), ("in", s => s.PagesIn));
        Count("hmm.live.pool.io", "By", "Bytes written to pools and read from them.", "hmm.direction", ("out", s => s.BytesWritten), ("in", s => s.BytesRead));
        Count("hmm.live.evictions", "{page}", "Pages that the RAM limit moved out.", "hmm.copy",
            ("written", s => s.Evictions - s.CleanDrops), ("still-good", s => s.CleanDrops));
        Count("hmm.live.read_ahead", "{page}", "Pages brought in early, and those that were then used.", "hmm.outcome",
            ("loaded", s => s.ReadAheadPages), ("hit", s => s.ReadAheadHits));
        Count("hmm.live.pool.errors", "{error}", "Reads and writes of pools that failed.", "hmm.outcome", ("failed", s => s.PoolErrors));
        _ = Source.CreateObservableUpDownCounter(
            "hmm.live.resident", () => Measure("hmm.memory", [("ram", s => s.ResidentBytes)]), "By", "RAM that pages take.");
        _ = Source.CreateObservableGauge(
            "hmm.live.fault.duration", () => Measure("hmm.quantile", [("0.5", s => s.Latency.Median / 1e9), ("0.99", s => s.Latency.P99 / 1e9)]),
            "s", "How long the pager takes for a fault.");
    }

    public static void Add(LiveAddressSpace space)
    {
        lock (Gate)
        {
            s_spaces = [.. s_spaces, space];
        }
    }

    public static void Remove(LiveAddressSpace space)
    {
        lock (Gate)
        {
            s_spaces = Array.FindAll(s_spaces, other => other != space);
        }
    }

    private static void Count(string name, string unit, string description, string tag, params (string Value, Func<LiveStatistics, long> Read)[] kinds) =>
        _ = Source.CreateObservableCounter(name, () => Measure(tag, kinds), unit, description);

    private static List<Measurement<T>> Measure<T>(string tag, (string Value, Func<LiveStatistics, T> Read)[] kinds)
        where T : struct
    {
        List<Measurement<T>> measurements = [];
        foreach (LiveAddressSpace space in Volatile.Read(ref s_spaces))
        {
            if (!space.TryReadStatistics(out LiveStatistics? statistics))
            {
                continue;
            }

            foreach ((string value, Func<LiveStatistics, T> read) in kinds)
            {
                measurements.Add(new Measurement<T>(read(statistics), new("hmm.space", space.Name), new(tag, value)));
            }
        }

        return measurements;
    }
}
