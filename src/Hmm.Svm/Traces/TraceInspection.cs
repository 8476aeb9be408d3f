using System;
using System.Collections.Generic;
using System.Threading;

namespace Hmm.Svm.Traces;

/// <summary>What a trace holds, counted by reading all of it.</summary>
/// <param name="Origin">Where the accesses come from; may be empty.</param>
/// <param name="Records">Good accesses.</param>
/// <param name="RawAccesses">Accesses before repeats were dropped; as many as <paramref name="Records"/> if the end of the trace is missing.</param>
/// <param name="DurationNs">From time zero to the last access.</param>
/// <param name="Bytes">Length of the good part.</param>
/// <param name="PagesTouched">Different pages of 4 KiB.</param>
/// <param name="PagesShared">Pages that the CPU and a device touch.</param>
/// <param name="Agents">In order of their numbers.</param>
/// <param name="Mappings">The trace's own; where they are missing, touched pages, joined where they lie within 2 MiB of each other.</param>
/// <param name="Truncation">Null, or a sentence that says where the trace breaks off.</param>
public sealed record TraceInspection(
    string Origin, long Records, long RawAccesses, long DurationNs, long Bytes, long PagesTouched, long PagesShared,
    IReadOnlyList<AgentCounts> Agents, IReadOnlyList<TraceMapping> Mappings, string? Truncation)
{
    private const int BufferAccesses = 4096;

    /// <summary>Reads a trace to its end.</summary>
    /// <param name="reader">At the start.</param>
    /// <param name="progress">Told the position in the file now and then; may be null.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="TraceFormatException">The trace is damaged.</exception>
    /// <exception cref="OperationCanceledException">As asked for.</exception>
    public static TraceInspection Read(TraceReader reader, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        SortedDictionary<int, Tally> agents = [];
        PageSet all = new(), devices = new();
        PageAccess[] buffer = new PageAccess[BufferAccesses];
        long last = 0;
        while (reader.TryRead(buffer, out int count))
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Invoke(reader.Position);
            foreach (ref readonly PageAccess access in buffer.AsSpan(0, count))
            {
                if (!agents.TryGetValue(access.Agent, out Tally? tally))
                {
                    tally = new Tally();
                    agents.Add(access.Agent, tally);
                }

                tally.Add(access);
                all.Add(access.PageNumber, access.Pages);
                if (access.Agent > 0)
                {
                    devices.Add(access.PageNumber, access.Pages);
                }
            }

            last = buffer[count - 1].Time;
        }

        List<AgentCounts> counts = [];
        foreach ((int agent, Tally tally) in agents)
        {
            counts.Add(tally.ToCounts(agent));
        }

        long shared = agents.TryGetValue(0, out Tally? cpu) ? cpu.Touched.CountCommon(devices) : 0;
        return new TraceInspection(
            reader.Origin, reader.Records, reader.Summary?.RawAccesses ?? reader.Records, last, reader.Position, all.Count, shared, counts,
            reader.Summary?.Mappings ?? TraceWriter.MappingsOf(all, []), reader.Damage);
    }

    private sealed class Tally
    {
        private readonly long[] _kinds = new long[4];
        private readonly PageSet _written = new();

        public PageSet Touched { get; } = new();

        public void Add(in PageAccess access)
        {
            _kinds[(int)access.Kind]++;
            Touched.Add(access.PageNumber, access.Pages);
            if (access.Kind is AccessKind.Write or AccessKind.Atomic)
            {
                _written.Add(access.PageNumber, access.Pages);
            }
        }

        public AgentCounts ToCounts(int agent) => new(
            agent, _kinds[(int)AccessKind.Read], _kinds[(int)AccessKind.Write], _kinds[(int)AccessKind.Atomic],
            _kinds[(int)AccessKind.Prefetch], Touched.Count, _written.Count);
    }
}
