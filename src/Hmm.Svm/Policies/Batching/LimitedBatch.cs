using System;

namespace Hmm.Svm.Policies.Batching;

/// <summary>Batches of a size, and an end of the service call after so many batches, so many throttled ones, or so long.</summary>
/// <remarks>
/// Thread-safe: immutable. Allocates nothing. Sources: UVM (256 entries, 20 batches, 5 throttled); KFD (one); Xe (one, a worker runs 20 ms). Settings:
/// <c>size</c> (256), <c>batches</c> (20), <c>throttled</c> (5), <c>run-us</c> (0: no limit). A limit of 0 is none.
/// </remarks>
public sealed class LimitedBatch : IBatchPolicy
{
    private readonly int _size;
    private readonly int _batchesMax;
    private readonly int _throttledMax;
    private readonly long _runNs;

    /// <summary>Makes one.</summary>
    /// <param name="size">Entries of a batch, at least 1.</param>
    /// <param name="batchesMax">Batches of a service call; 0 for any number.</param>
    /// <param name="throttledMax">Batches with something throttled before the call ends; 0 for any number.</param>
    /// <param name="runNs">How long a call takes on batches, in nanoseconds; 0 for any time.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or the size 0.</exception>
    public LimitedBatch(int size = 256, int batchesMax = 20, int throttledMax = 5, long runNs = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(batchesMax);
        ArgumentOutOfRangeException.ThrowIfNegative(throttledMax);
        ArgumentOutOfRangeException.ThrowIfNegative(runNs);
        _size = size;
        _batchesMax = batchesMax;
        _throttledMax = throttledMax;
        _runNs = runNs;
    }

    /// <inheritdoc/>
    public BatchDecision Next(in BatchQuery query)
    {
        if (query.Pending == 0)
        {
            return new BatchDecision(0, new Reason("ring-empty", new("batches", query.BatchesDone)));
        }

        if (_batchesMax > 0 && query.BatchesDone >= _batchesMax)
        {
            return new BatchDecision(0, new Reason("batches-done", new("batches", query.BatchesDone), new("max", _batchesMax)));
        }

        if (_throttledMax > 0 && query.ThrottledBatches >= _throttledMax)
        {
            return new BatchDecision(0, new Reason("throttled-enough", new("throttled", query.ThrottledBatches), new("max", _throttledMax)));
        }

        return _runNs > 0 && query.Elapsed >= _runNs
            ? new BatchDecision(0, new Reason("ran-long-enough", new("elapsed", query.Elapsed), new("max", _runNs)))
            : new BatchDecision(_size, new Reason("batch", new("pending", query.Pending), new("size", _size)));
    }
}
