using System.Collections.Generic;

namespace Hmm.Cli.Output;

/// <summary>What <c>hmm trace info --format json</c> writes.</summary>
/// <param name="Schema">Name and version of this form.</param>
/// <param name="Traces">One for each file.</param>
internal sealed record TraceDocument(string Schema, IReadOnlyList<TraceDocument.Trace> Traces)
{
    public const string SchemaName = "hmm.trace/1";

    /// <summary>One trace. Bytes are those of its good part; truncated is null or a sentence.</summary>
    internal sealed record Trace(
        string File, string Origin, long Accesses, long RawAccesses, long DurationNs, long Bytes, long PagesTouched, long PagesShared,
        IReadOnlyList<Agent> Agents, IReadOnlyList<Mapping> Mappings, string? Truncated);

    /// <summary>What one agent does.</summary>
    internal sealed record Agent(
        string Name, long Reads, long Writes, long Atomics, long Prefetches, long PagesTouched, long PagesWritten);

    /// <summary>One mapping.</summary>
    internal sealed record Mapping(string Start, string End, long Pages, string Name);
}
