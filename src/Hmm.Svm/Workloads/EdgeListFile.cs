using System;
using System.Collections.Generic;
using System.IO;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Workloads;

/// <summary>Reads graphs: a line for each edge, with the numbers of two vertices. What follows them, such as a weight, is not looked at.</summary>
/// <remarks>Lines that begin with <c>#</c> or <c>%</c> and empty lines say nothing. Vertices count from 0; there are as many as the largest number
/// says. Thread-safe: no state.</remarks>
public static class EdgeListFile
{
    private const long VertexMax = (1 << 28) - 1;

    /// <summary>Reads a graph.</summary>
    /// <param name="text">The text; not closed.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="isUndirected">Whether each edge leads back too.</param>
    /// <exception cref="TraceFormatException">This is no such text; the message names the line.</exception>
    /// <exception cref="IOException">The text cannot be read.</exception>
    public static Graph Read(Stream text, string name, bool isUndirected)
    {
        LineReader lines = new(text, name);
        List<(int, int)> edges = [];
        long largest = -1;
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            line = line.TrimStart(" \t"u8);
            if (line.IsEmpty || line[0] is (byte)'#' or (byte)'%')
            {
                continue;
            }

            int at = 0;
            if (!NumberText.TryNext(line, ref at, out long from) || !NumberText.TryNext(line, ref at, out long to))
            {
                throw lines.Wrong("an edge is the numbers of two vertices, apart by a space.");
            }

            largest = Math.Max(largest, Math.Max(from, to));
            if (largest > VertexMax)
            {
                throw lines.Wrong($"vertices have numbers from 0 to {VertexMax}.");
            }

            edges.Add(((int)from, (int)to));
            if (isUndirected)
            {
                edges.Add(((int)to, (int)from));
            }
        }

        return largest < 0 ? throw lines.Wrong("there is no edge in this file.") : Graph.FromEdges((int)largest + 1, edges);
    }
}
