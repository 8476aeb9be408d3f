using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Hmm.Cli.Tracing;
using Hmm.Svm.Traces;
using Hmm.Svm.Workloads;

namespace Hmm.Cli.Replaying;

/// <summary>What is replayed: a trace's file or a workload.</summary>
/// <param name="Name">As the user wrote it.</param>
/// <param name="IsWorkload">Whether it is a workload.</param>
/// <param name="Note">What it is, in a sentence.</param>
/// <param name="TouchedBytes">How much memory it touches.</param>
/// <param name="Accesses">How many accesses a trace has; 0 if nobody knows.</param>
/// <param name="Devices">How many devices a trace's accesses name, at least one.</param>
/// <param name="Mappings">Names for pieces of the address space.</param>
internal sealed record ReplayInput(
    string Name, bool IsWorkload, string Note, ulong TouchedBytes, long Accesses, int Devices, IReadOnlyList<TraceMapping> Mappings)
{
    /// <summary>Looks at the input. A trace without its end is read once, to know what it touches.</summary>
    /// <exception cref="FormatException">It is neither; the message is a sentence for the user.</exception>
    /// <exception cref="IOException">It cannot be read, or is damaged.</exception>
    public static ReplayInput Open(string name, CancellationToken cancellation)
    {
        if (WorkloadCatalog.Knows(name) && !File.Exists(name))
        {
            Workload workload = WorkloadCatalog.Create(name);
            return new ReplayInput(name, true, workload.Description, (ulong)workload.FootprintBytes, 0, 1, []);
        }

        if (name == InputFile.StandardInput && !File.Exists(name))
        {
            throw new FormatException("A trace is read several times, so it must be in a file; the standard input cannot be replayed.");
        }

        if (!File.Exists(name) && !Directory.Exists(name))
        {
            throw new IOException($"{name}: there is no such file, and no workload of this name"
                + Suggestion.For(name.Split(':')[0], WorkloadCatalog.Entries.Select(entry => entry.Name)));
        }

        using TraceReader reader = TraceFiles.OpenTrace(name);
        if (reader.Summary is { } summary)
        {
            return new ReplayInput(
                name, false, Sentence(reader.Origin, summary.Records), Bytes(summary.PagesTouched), summary.Records, Math.Max(1, summary.Devices), summary.Mappings);
        }

        TraceInspection trace = TraceInspection.Read(reader, cancellation: cancellation);
        int devices = trace.Agents.Count == 0 ? 1 : Math.Max(1, trace.Agents[^1].Agent);
        return new ReplayInput(name, false, Sentence(trace.Origin, trace.Records), Bytes(trace.PagesTouched), trace.Records, devices, trace.Mappings);
    }

    private static ulong Bytes(long pages) => (ulong)pages * Hmm.Core.Addressing.PageConstants.PageSize;

    private static string Sentence(string origin, long records) => $"A trace of {records} accesses{(origin.Length > 0 ? ", " + origin : "")}.";
}
