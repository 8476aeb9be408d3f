using System;

namespace Hmm.Svm.Policies.Servicing;

/// <summary>Turns a device's own prefetches off for a while when too many of them are for addresses that are not there.</summary>
/// <remarks>
/// Not thread-safe. Allocates nothing. Source: UVM; if more than 66 % of a batch's limit are invalid prefetches, they are off for a second. As there, the limit and not
/// the number of entries fetched is what the share is of.
/// </remarks>
public sealed class PrefetchStormValve
{
    private const int InvalidPercentMax = 66;
    private readonly long _offNs;
    private long _offSince;

    /// <summary>Makes an open valve.</summary>
    /// <param name="batchLimit">Entries that a batch can have, at least 1.</param>
    /// <param name="offNs">How long prefetches stay off, in nanoseconds; 0 for never off.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public PrefetchStormValve(int batchLimit = 256, long offNs = 1_000_000_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchLimit, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(offNs);
        BatchLimit = batchLimit;
        _offNs = offNs;
        IsOpen = true;
    }

    /// <summary>Entries that a batch can have: what the share is of. A batch policy can change it from batch to batch.</summary>
    public int BatchLimit { get; set; }

    /// <summary>Whether the device may prefetch.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>A batch has been served.</summary>
    /// <param name="invalidPrefetches">Its prefetches for addresses that are not there.</param>
    /// <param name="now">Modelled time in nanoseconds.</param>
    /// <returns>What fired.</returns>
    public Reason AfterBatch(int invalidPrefetches, long now)
    {
        if (!IsOpen && now - _offSince >= _offNs)
        {
            IsOpen = true;
            return new Reason("prefetch-on-again", new("off-for", now - _offSince));
        }

        if (IsOpen && _offNs > 0 && invalidPrefetches * 100L > BatchLimit * (long)InvalidPercentMax)
        {
            IsOpen = false;
            _offSince = now;
            return new Reason("prefetch-storm", new("invalid", invalidPrefetches), new("limit", BatchLimit));
        }

        return new Reason(IsOpen ? "open" : "still-off", new("invalid", invalidPrefetches));
    }
}
