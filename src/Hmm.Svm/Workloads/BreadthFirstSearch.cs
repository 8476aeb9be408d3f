using System;
using System.Collections.Generic;
using Hmm.Svm.Devices;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>How many steps each vertex is away from a first one, level by level. Threads take a vertex of the frontier each, claim unseen neighbours
/// by an atomic minimum, and append them to the next frontier by an atomic counter. Between levels the CPU reads and resets the counter.</summary>
/// <param name="graph">The graph.</param>
/// <param name="source">Where it begins.</param>
public sealed class BreadthFirstSearch(Graph graph, int source) : Workload
{
    /// <summary>The distance of what cannot be reached.</summary>
    public const ulong Unreached = ulong.MaxValue;

    private const int VerticesAtOnce = 256;

    /// <inheritdoc/>
    public override string Description => $"breadth-first search in {graph.Vertices} vertices and {graph.Neighbours.Length} edges, from vertex {source}";

    /// <inheritdoc/>
    public override long FootprintBytes => (graph.Vertices * (2L * sizeof(long))) + (graph.Neighbours.Length * (long)sizeof(int)) + (graph.Vertices * 2L * sizeof(int));

    /// <inheritdoc/>
    public override string? Run(WorkloadContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        int vertices = graph.Vertices;
        Arrays arrays = new(
            context.Map<long>("starts", vertices + 1), context.Map<int>("neighbours", graph.Neighbours.Length),
            context.Map<ulong>("distances", vertices), context.Map<ulong>("counter", 1));
        SharedArray<int> frontier = context.Map<int>("frontier", vertices), next = context.Map<int>("next frontier", vertices);
        ulong[] unreached = new ulong[vertices];
        unreached.AsSpan().Fill(Unreached);
        unreached[source] = 0;
        context.Enter("the CPU fills the graph");
        Saxpy.StoreAll(arrays.Starts, context.Cpu, graph.Starts.Span);
        Saxpy.StoreAll(arrays.Neighbours, context.Cpu, graph.Neighbours.Span);
        Saxpy.StoreAll<ulong>(arrays.Distances, context.Cpu, unreached);
        frontier.Store(context.Cpu, 0, source);
        long width = 1;
        for (ulong level = 1; width > 0; level++)
        {
            context.Enter("the device searches a level");
            for (long first = 0; first < width; first += VerticesAtOnce)
            {
                int count = (int)Math.Min(VerticesAtOnce, width - first);
                Expand(context.DeviceFor(first / VerticesAtOnce), arrays, frontier, next, first, count, level);
            }

            context.Enter("the CPU counts the next level");
            width = (long)arrays.Counter.Load(context.Cpu, 0);
            arrays.Counter.Store(context.Cpu, 0, 0);
            (frontier, next) = (next, frontier);
        }

        context.Enter("the CPU reads the result");
        return Comparison.Find<ulong>("distances", arrays.Distances, context.Cpu, SearchPlain());
    }

    private static void Expand(
        IAgentMemory device, Arrays arrays, SharedArray<int> frontier, SharedArray<int> next, long first, int count, ulong level)
    {
        int[] vertices = new int[count];
        frontier.Announce(device, AccessKind.Read, first, count);
        device.Settle();
        frontier.Load(device, first, vertices);

        Span<long> bounds = stackalloc long[2];
        long[] starts = new long[count];
        int[] lengths = new int[count];
        foreach (int vertex in vertices)
        {
            arrays.Starts.Announce(device, AccessKind.Read, vertex, 2);
        }

        device.Settle();
        for (int i = 0; i < count; i++)
        {
            arrays.Starts.Load(device, vertices[i], bounds);
            (starts[i], lengths[i]) = (bounds[0], (int)(bounds[1] - bounds[0]));
            arrays.Neighbours.Announce(device, AccessKind.Read, starts[i], lengths[i]);
        }

        device.Settle();
        int[][] neighbours = new int[count][];
        for (int i = 0; i < count; i++)
        {
            neighbours[i] = new int[lengths[i]];
            arrays.Neighbours.Load(device, starts[i], neighbours[i]);
            foreach (int neighbour in neighbours[i])
            {
                arrays.Distances.Announce(device, AccessKind.Atomic, neighbour);
            }
        }

        device.Settle();
        foreach (int[] some in neighbours)
        {
            foreach (int neighbour in some)
            {
                if (arrays.Distances.Change(device, neighbour, AtomicOperation.Min, level) == Unreached)
                {
                    ulong place = arrays.Counter.Change(device, 0, AtomicOperation.Add, 1);
                    next.Store(device, (long)place, neighbour);
                }
            }
        }
    }

    private ulong[] SearchPlain()
    {
        ReadOnlySpan<long> starts = graph.Starts.Span;
        ReadOnlySpan<int> neighbours = graph.Neighbours.Span;
        ulong[] distances = new ulong[graph.Vertices];
        distances.AsSpan().Fill(Unreached);
        distances[source] = 0;
        Queue<int> waiting = new([source]);
        while (waiting.TryDequeue(out int vertex))
        {
            for (long i = starts[vertex]; i < starts[vertex + 1]; i++)
            {
                int neighbour = neighbours[(int)i];
                if (distances[neighbour] == Unreached)
                {
                    distances[neighbour] = distances[vertex] + 1;
                    waiting.Enqueue(neighbour);
                }
            }
        }

        return distances;
    }

    private readonly record struct Arrays(
        SharedArray<long> Starts, SharedArray<int> Neighbours, SharedArray<ulong> Distances, SharedArray<ulong> Counter);
}
