using System;
using System.Collections.Generic;

namespace Hmm.Live;

/// <summary>How long faults took, by powers of two nanoseconds: bucket i counts those of at least 2^i and less than 2^(i+1).</summary>
/// <remarks>Thread-safe: immutable. Measured in the pager, from the moment that it has read the fault's message to the moment that the page is there; the way
/// to the pager and back is not in it.</remarks>
public sealed class LatencyHistogram
{
    private readonly long[] _buckets;

    internal LatencyHistogram(long[] buckets)
    {
        _buckets = buckets;
        foreach (long count in buckets)
        {
            Count += count;
        }
    }

    /// <summary>The counts.</summary>
    public IReadOnlyList<long> Buckets => _buckets;

    /// <summary>How many faults there were.</summary>
    public long Count { get; }

    /// <summary>The median, in nanoseconds.</summary>
    public double Median => Quantile(0.5);

    /// <summary>What 99 of 100 faults stay under, in nanoseconds.</summary>
    public double P99 => Quantile(0.99);

    /// <summary>A quantile, in nanoseconds; interpolated within a bucket, so it may be off by less than a factor of 2.</summary>
    /// <param name="share">0 to 1.</param>
    /// <returns>The quantile; 0 if there were no faults.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is less than 0 or more than 1.</exception>
    public double Quantile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        double rank = share * Count;
        double below = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            if (_buckets[i] > 0 && below + _buckets[i] >= rank)
            {
                return Math.ScaleB(1 + ((rank - below) / _buckets[i]), i);
            }

            below += _buckets[i];
        }

        return 0;
    }
}
