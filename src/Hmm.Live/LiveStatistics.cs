using System.Globalization;
using Hmm.Pager.Exports;

namespace Hmm.Live;

/// <summary>What has happened in a live address space since it was made, and what it takes now.</summary>
/// <remarks>Thread-safe: immutable, the numbers of a moment. Each is right; they are read one after the other.</remarks>
public sealed class LiveStatistics
{
    private readonly long[] _values;

    internal LiveStatistics(long[] values, long[] latencies)
    {
        _values = values;
        Latency = new LatencyHistogram(latencies);
    }

    /// <summary>Faults where RAM had no page: a first touch, or a page in a device's memory.</summary>
    public long MissingFaults => this[PagerCounter.MissingFaults];

    /// <summary>Faults where the page was in RAM, and the view had forgotten it.</summary>
    public long MinorFaults => this[PagerCounter.MinorFaults];

    /// <summary>First writes to pages that were shown read-only, to learn that they are written.</summary>
    public long WriteProtectFaults => this[PagerCounter.WriteProtectFaults];

    /// <summary>All faults.</summary>
    public long Faults => MissingFaults + MinorFaults + WriteProtectFaults;

    /// <summary>Touches that got SIGSEGV by the pager: the mapping changed while they waited. Most never get there: the kernel refuses them.</summary>
    public long SegmentationFaults => this[PagerCounter.SegmentationFaults];

    /// <summary>Touches that got SIGBUS: the page could not be had.</summary>
    public long BusErrors => this[PagerCounter.BusErrors];

    /// <summary>How long faults took.</summary>
    public LatencyHistogram Latency { get; }

    /// <summary>Pages that moved from RAM to a device's memory.</summary>
    public long PagesOut => this[PagerCounter.PagesOut];

    /// <summary>Pages that came back to RAM.</summary>
    public long PagesIn => this[PagerCounter.PagesIn];

    /// <summary>Bytes written to pools.</summary>
    public long BytesWritten => this[PagerCounter.BytesWritten];

    /// <summary>Bytes read from pools.</summary>
    public long BytesRead => this[PagerCounter.BytesRead];

    /// <summary>Pages that the RAM limit moved out.</summary>
    public long Evictions => this[PagerCounter.Evictions];

    /// <summary>Of these, pages whose copy in the pool was still good: nothing was written.</summary>
    public long CleanDrops => this[PagerCounter.CleanDrops];

    /// <summary>Pages that were brought in before they were touched.</summary>
    public long ReadAheadPages => this[PagerCounter.ReadAheadPages];

    /// <summary>Of these, those in windows that the program then ran through.</summary>
    public long ReadAheadHits => this[PagerCounter.ReadAheadHits];

    /// <summary>Reads and writes of pools that failed.</summary>
    public long PoolErrors => this[PagerCounter.PoolErrors];

    /// <summary>Bytes of RAM that the space's pages take now, as the kernel counts them.</summary>
    public long ResidentBytes => this[PagerCounter.ResidentBytes];

    /// <summary>First address of the page that last raised SIGBUS; 0 if none did.</summary>
    public nuint LastBusErrorPage => (nuint)this[PagerCounter.LastBusErrorPage];

    /// <summary>Why it did, a negative error number; 0 if memory was out, or had failed.</summary>
    public int LastBusErrorCause => (int)this[PagerCounter.LastBusErrorCause];

    /// <summary>Why a pool last could not store a page, a negative error number: the page stayed in RAM. 0 if that never happened.</summary>
    public int LastPoolError => (int)this[PagerCounter.LastPoolError];

    /// <summary>The main numbers on a line, for logs.</summary>
    /// <returns>Faults, pages moved each way, evictions, and RAM in use.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Faults} faults (median {Latency.Median / 1000:F0} us), {PagesOut} pages out, {PagesIn} in, {Evictions} evicted, {ResidentBytes >> 10} KiB in RAM");

    private long this[PagerCounter counter] => _values[(int)counter];
}
