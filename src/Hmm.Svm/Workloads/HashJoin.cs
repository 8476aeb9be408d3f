using System;
using System.Collections.Generic;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>Joins two tables by key. The device builds a hash table of the smaller one, whose chains grow by atomic exchange, and probes it with the
/// larger one; the CPU then changes some keys of the larger one, and the device probes again.</summary>
/// <param name="buildRows">Rows of the smaller table.</param>
/// <param name="probeRows">Rows of the larger one.</param>
public sealed class HashJoin(int buildRows, int probeRows) : Workload
{
    private const int RowsAtOnce = 256;
    private const int CpuStride = 4096;
    private const ulong Nobody = 0;

    private readonly int _buckets = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(buildRows, 2));

    /// <inheritdoc/>
    public override string Description => $"hash join of {buildRows} and {probeRows} rows";

    /// <inheritdoc/>
    public override long FootprintBytes => ((buildRows * 3L) + _buckets + probeRows) * sizeof(ulong);

    /// <inheritdoc/>
    public override string? Run(WorkloadContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Arrays arrays = new(
            context.Map<ulong>("keys", buildRows), context.Map<ulong>("payloads", buildRows), context.Map<ulong>("chains", buildRows),
            context.Map<ulong>("buckets", _buckets), context.Map<ulong>("probes", probeRows), context.Map<ulong>("result", 2));
        SplitMix chance = new(7);
        ulong[] keys = new ulong[buildRows], payloads = new ulong[buildRows], probes = new ulong[probeRows];
        for (int i = 0; i < buildRows; i++)
        {
            keys[i] = (ulong)chance.Below(buildRows * 2L);
            payloads[i] = chance.Next() & 0xffff;
        }

        for (int i = 0; i < probeRows; i++)
        {
            probes[i] = (ulong)chance.Below(buildRows * 2L);
        }

        context.Enter("the CPU fills the tables");
        Saxpy.StoreAll<ulong>(arrays.Keys, context.Cpu, keys);
        Saxpy.StoreAll<ulong>(arrays.Payloads, context.Cpu, payloads);
        Saxpy.StoreAll<ulong>(arrays.Probes, context.Cpu, probes);
        context.Enter("the device builds");
        ForShares(context, buildRows, (device, first, count) => Build(device, arrays, first, count));
        context.Enter("the device probes");
        ForShares(context, probeRows, (device, first, count) => Probe(device, arrays, first, count));
        string? difference = Compare(context, arrays, keys, payloads, probes);
        if (difference is not null)
        {
            return difference;
        }

        context.Enter("the CPU changes some probes");
        for (int i = 0; i < probeRows; i += CpuStride)
        {
            probes[i] = keys[i % buildRows];
            arrays.Probes.Store(context.Cpu, i, probes[i]);
        }

        arrays.Result.Store(context.Cpu, 0, [0, 0]);
        context.Enter("the device probes again");
        ForShares(context, probeRows, (device, first, count) => Probe(device, arrays, first, count));
        return Compare(context, arrays, keys, payloads, probes);
    }

    private static void ForShares(WorkloadContext context, int rows, Action<IAgentMemory, int, int> work)
    {
        for (int first = 0; first < rows; first += RowsAtOnce)
        {
            work(context.DeviceFor(first / RowsAtOnce), first, Math.Min(RowsAtOnce, rows - first));
        }
    }

    private void Build(IAgentMemory device, Arrays arrays, int first, int count)
    {
        ulong[] keys = new ulong[count], chains = new ulong[count];
        arrays.Keys.Announce(device, AccessKind.Read, first, count);
        arrays.Chains.Announce(device, AccessKind.Write, first, count);
        device.Settle();
        arrays.Keys.Load(device, first, keys);
        foreach (ulong key in keys)
        {
            arrays.Buckets.Announce(device, AccessKind.Atomic, BucketOf(key));
        }

        device.Settle();
        for (int i = 0; i < count; i++)
        {
            // A row's number plus one, so that zeroed memory is a table of empty chains.
            chains[i] = arrays.Buckets.Change(device, BucketOf(keys[i]), AtomicOperation.Exchange, (ulong)(first + i + 1));
        }

        arrays.Chains.Store(device, first, chains);
    }

    /// <summary>All threads take a step of their chain, then all take the next one.</summary>
    private void Probe(IAgentMemory device, Arrays arrays, int first, int count)
    {
        ulong[] probes = new ulong[count], rows = new ulong[count];
        arrays.Probes.Announce(device, AccessKind.Read, first, count);
        device.Settle();
        arrays.Probes.Load(device, first, probes);
        foreach (ulong probe in probes)
        {
            arrays.Buckets.Announce(device, AccessKind.Read, BucketOf(probe));
        }

        device.Settle();
        for (int i = 0; i < count; i++)
        {
            rows[i] = arrays.Buckets.Load(device, BucketOf(probes[i]));
        }

        ulong matches = 0, sum = 0;
        for (bool isBusy = true; isBusy;)
        {
            isBusy = false;
            foreach (ulong row in rows)
            {
                if (row != Nobody)
                {
                    arrays.Keys.Announce(device, AccessKind.Read, (long)row - 1);
                    arrays.Chains.Announce(device, AccessKind.Read, (long)row - 1);
                }
            }

            device.Settle();
            for (int i = 0; i < count; i++)
            {
                if (rows[i] == Nobody)
                {
                    continue;
                }

                long row = (long)rows[i] - 1;
                if (arrays.Keys.Load(device, row) == probes[i])
                {
                    matches++;
                    sum += arrays.Payloads.Load(device, row);
                }

                rows[i] = arrays.Chains.Load(device, row);
                isBusy |= rows[i] != Nobody;
            }
        }

        arrays.Result.Change(device, 0, AtomicOperation.Add, matches);
        arrays.Result.Change(device, 1, AtomicOperation.Add, sum);
    }

    private long BucketOf(ulong key) => (long)((key * 0x9e3779b97f4a7c15) >> (64 - System.Numerics.BitOperations.Log2((uint)_buckets)));

    private static string? Compare(WorkloadContext context, Arrays arrays, ulong[] keys, ulong[] payloads, ulong[] probes)
    {
        Dictionary<ulong, (ulong Count, ulong Sum)> table = [];
        for (int i = 0; i < keys.Length; i++)
        {
            (ulong Count, ulong Sum) before = table.GetValueOrDefault(keys[i]);
            table[keys[i]] = (before.Count + 1, before.Sum + payloads[i]);
        }

        ulong matches = 0, sum = 0;
        foreach (ulong probe in probes)
        {
            (ulong Count, ulong Sum) found = table.GetValueOrDefault(probe);
            matches += found.Count;
            sum += found.Sum;
        }

        context.Enter("the CPU reads the result");
        return Comparison.Find("The number of matches", arrays.Result.Load(context.Cpu, 0), matches)
            ?? Comparison.Find("The sum of matches", arrays.Result.Load(context.Cpu, 1), sum);
    }

    private readonly record struct Arrays(
        SharedArray<ulong> Keys, SharedArray<ulong> Payloads, SharedArray<ulong> Chains, SharedArray<ulong> Buckets, SharedArray<ulong> Probes,
        SharedArray<ulong> Result);
}
