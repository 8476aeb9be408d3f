using System;
using System.Collections.Generic;

namespace Hmm.Svm.Workloads;

/// <summary>A directed graph: the neighbours of vertex v lie in Neighbours from Starts[v] to before Starts[v + 1].</summary>
/// <remarks>Not to be changed once it is made; thread-safe then.</remarks>
public sealed class Graph
{
    private Graph(long[] starts, int[] neighbours)
    {
        Starts = starts;
        Neighbours = neighbours;
    }

    /// <summary>How many vertices.</summary>
    public int Vertices => Starts.Length - 1;

    /// <summary>One more than there are vertices.</summary>
    public ReadOnlyMemory<long> Starts { get; }

    /// <summary>Where the edges lead.</summary>
    public ReadOnlyMemory<int> Neighbours { get; }

    /// <summary>Sorts edges by where they begin; of one vertex they keep their order.</summary>
    /// <param name="vertices">How many vertices.</param>
    /// <param name="edges">Numbers of vertices, below that.</param>
    public static Graph FromEdges(int vertices, IReadOnlyList<(int From, int To)> edges)
    {
        ArgumentNullException.ThrowIfNull(edges);
        long[] starts = new long[vertices + 1];
        foreach ((int from, _) in edges)
        {
            starts[from + 1]++;
        }

        for (int vertex = 0; vertex < vertices; vertex++)
        {
            starts[vertex + 1] += starts[vertex];
        }

        long[] next = starts[..^1];
        int[] neighbours = new int[edges.Count];
        foreach ((int from, int to) in edges)
        {
            neighbours[next[from]++] = to;
        }

        return new Graph(starts, neighbours);
    }

    /// <summary>A random graph in which few vertices have many edges, as in networks of people.</summary>
    /// <param name="vertices">How many vertices.</param>
    /// <param name="degree">Edges for each vertex, on average.</param>
    /// <param name="seed">Which one.</param>
    public static Graph Random(int vertices, int degree, ulong seed)
    {
        SplitMix chance = new(seed);
        List<(int, int)> edges = new(vertices * degree);
        for (int vertex = 0; vertex < vertices; vertex++)
        {
            // A road to everywhere, so that a search from vertex 0 reaches all.
            edges.Add((vertex / 2, vertex));
            for (int i = 1; i < degree; i++)
            {
                long wide = chance.Below(vertices);
                edges.Add((vertex, (int)(chance.Below(4) == 0 ? wide : wide * wide / vertices)));
            }
        }

        return FromEdges(vertices, edges);
    }
}
