using System.Collections.Generic;

namespace Hmm.Cli.Output;

/// <summary>What <c>hmm stress --format json</c> writes.</summary>
/// <param name="Schema">Name and version of this form.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Result"><c>clean</c>, <c>violation</c> or <c>interrupted</c>.</param>
/// <param name="Seed">The seed of the decisions.</param>
/// <param name="Threads">How many threads.</param>
/// <param name="Bug">The planted mistake, or <c>none</c>.</param>
/// <param name="Seconds">How long the threads worked.</param>
/// <param name="OperationsPerSecond">All kinds together.</param>
/// <param name="Operations">By kind.</param>
/// <param name="MostContendedLock">Which lock was waited for most often; null if none was.</param>
/// <param name="Locks">All locks that were waited for, most often first.</param>
/// <param name="Violations">What must never happen and did.</param>
/// <param name="Notes">What else is worth knowing about the run, as sentences.</param>
/// <param name="Replay">The command that makes the same decisions again.</param>
internal sealed record StressDocument(
    string Schema,
    string Version,
    string Machine,
    string Result,
    int Seed,
    int Threads,
    string Bug,
    double Seconds,
    double OperationsPerSecond,
    IReadOnlyList<StressDocument.Rate> Operations,
    string? MostContendedLock,
    IReadOnlyList<StressDocument.Waits> Locks,
    IReadOnlyList<StressDocument.Violation> Violations,
    IReadOnlyList<string> Notes,
    string Replay)
{
    public const string SchemaName = "hmm.stress/1";

    /// <summary>How often one kind of operation ended.</summary>
    internal sealed record Rate(string Kind, long Count, double PerSecond);

    /// <summary>How often one lock was waited for.</summary>
    internal sealed record Waits(string Lock, long Count);

    /// <summary>One violation.</summary>
    internal sealed record Violation(string Rule, string Message);
}
