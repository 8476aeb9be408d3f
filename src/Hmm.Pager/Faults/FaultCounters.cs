using System.Diagnostics;
using System.Numerics;
using System.Threading;

namespace Hmm.Pager.Faults;

/// <summary>What has happened in a live space, counted.</summary>
/// <remarks>Written by several threads with interlocked additions, read at any time: each number is right, together they are a moment's.</remarks>
internal sealed class FaultCounters
{
    /// <summary>Latencies are counted by powers of two nanoseconds: bucket i holds those of [2^i, 2^(i+1)) ns.</summary>
    public const int BucketCount = 40;

    private readonly long[] _values = new long[(int)Counter.Count];
    private readonly long[] _latencies = new long[BucketCount];

    public void Add(Counter counter, long amount = 1) => Interlocked.Add(ref _values[(int)counter], amount);

    public long Read(Counter counter) => Interlocked.Read(ref _values[(int)counter]);

    /// <summary>How many faults were served in [2^bucket, 2^(bucket+1)) nanoseconds.</summary>
    public long ReadLatency(int bucket) => Interlocked.Read(ref _latencies[bucket]);

    public void AddLatency(long startTimestamp)
    {
        ulong nanoseconds = (ulong)Stopwatch.GetElapsedTime(startTimestamp).Ticks * 100;
        int bucket = nanoseconds == 0 ? 0 : BitOperations.Log2(nanoseconds);
        Interlocked.Increment(ref _latencies[bucket < BucketCount ? bucket : BucketCount - 1]);
    }
}
