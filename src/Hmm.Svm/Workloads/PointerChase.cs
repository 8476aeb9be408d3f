using System;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>Chains of nodes in random order: where the next one lies is known only when one has been read. Some threads each follow a chain and add
/// up what they meet; then the CPU swaps the values of some nodes, and they do it again.</summary>
/// <param name="nodes">How many nodes of 64 bytes.</param>
/// <param name="threads">How many chains are followed at once.</param>
public sealed class PointerChase(int nodes, int threads) : Workload
{
    private const int WordsPerNode = 8;
    private const int CpuStride = 1021;

    private readonly int _threads = Math.Clamp(threads, 1, Math.Max(nodes, 1));

    /// <inheritdoc/>
    public override string Description => $"pointer chase through {nodes} nodes, {_threads} chains at once";

    /// <inheritdoc/>
    public override long FootprintBytes => nodes * (long)WordsPerNode * sizeof(ulong);

    /// <inheritdoc/>
    public override string? Run(WorkloadContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        SharedArray<ulong> list = context.Map<ulong>("nodes", (long)nodes * WordsPerNode);
        int[] order = Shuffle();
        ulong[] words = new ulong[nodes * WordsPerNode];
        for (int i = 0; i < nodes; i++)
        {
            words[order[i] * WordsPerNode] = (ulong)order[(i + 1) % nodes];
            words[(order[i] * WordsPerNode) + 1] = (ulong)i;
        }

        context.Enter("the CPU links the nodes");
        Saxpy.StoreAll<ulong>(list, context.Cpu, words);
        string? difference = null;
        for (int round = 0; round < 2 && difference is null; round++)
        {
            context.Enter("the device follows the chains");
            ulong sum = Follow(context, list, order);
            difference = Comparison.Find("The sum of the nodes", sum, FollowPlain(words, order));
            context.Enter("the CPU changes some nodes");
            for (int i = 0; i < nodes; i += CpuStride)
            {
                int at = (i * WordsPerNode) + 1;
                words[at] += 1_000_000;
                list.Store(context.Cpu, at, list.Load(context.Cpu, at) + 1_000_000);
            }
        }

        context.Enter("the CPU reads the result");
        return difference ?? Comparison.Find<ulong>("nodes", list, context.Cpu, words);
    }

    /// <summary>One round through all nodes. A chain's sum is shifted as it goes, so that the order counts.</summary>
    private ulong Follow(WorkloadContext context, SharedArray<ulong> list, int[] order)
    {
        long[] at = new long[_threads];
        ulong[] sums = new ulong[_threads];
        Span<ulong> node = stackalloc ulong[2];
        int steps = nodes / _threads;
        for (int thread = 0; thread < _threads; thread++)
        {
            at[thread] = order[thread * steps];
        }

        for (int step = 0; step < steps; step++)
        {
            IAgentMemory device = context.DeviceFor(0);
            foreach (long place in at)
            {
                list.Announce(device, AccessKind.Read, place * WordsPerNode, 2);
            }

            device.Settle();
            for (int thread = 0; thread < _threads; thread++)
            {
                list.Load(device, at[thread] * WordsPerNode, node);
                at[thread] = (long)node[0];
                sums[thread] = Add(sums[thread], node[1]);
            }
        }

        return Total(sums);
    }

    private ulong FollowPlain(ulong[] words, int[] order)
    {
        ulong[] sums = new ulong[_threads];
        int steps = nodes / _threads;
        for (int thread = 0; thread < _threads; thread++)
        {
            for (int step = 0; step < steps; step++)
            {
                sums[thread] = Add(sums[thread], words[(order[(thread * steps) + step] * WordsPerNode) + 1]);
            }
        }

        return Total(sums);
    }

    private static ulong Add(ulong sum, ulong value) => (sum * 31) + value;

    private static ulong Total(ulong[] sums)
    {
        ulong total = 0;
        foreach (ulong sum in sums)
        {
            total += sum;
        }

        return total;
    }

    private int[] Shuffle()
    {
        SplitMix chance = new(3);
        int[] order = new int[nodes];
        for (int i = 0; i < nodes; i++)
        {
            int other = (int)chance.Below(i + 1);
            order[i] = order[other];
            order[other] = i;
        }

        return order;
    }
}
