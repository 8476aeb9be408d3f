using System.Collections.Generic;
using Hmm.Svm.Replay;
using Hmm.Svm.Reports;

namespace Hmm.Cli.Output;

/// <summary>What <c>hmm replay --format json</c> writes.</summary>
/// <param name="Schema">Name and version of this form.</param>
/// <param name="Machine">Where it ran: sim or live.</param>
/// <param name="Input">The trace or workload.</param>
/// <param name="Note">What it is, in a sentence.</param>
/// <param name="TouchedBytes">How much memory it touches.</param>
/// <param name="Costs">Name of the cost model.</param>
/// <param name="Truncated">Null, or a sentence that says where the trace breaks off.</param>
/// <param name="Runs">One for each configuration.</param>
internal sealed record ReplayDocument(
    string Schema, string Machine, string Input, string Note, ulong TouchedBytes, string Costs, string? Truncated, IReadOnlyList<ReplayDocument.Run> Runs)
{
    public const string SchemaName = "hmm.replay/1";

    /// <summary>One configuration. Result is right or wrong for a workload, and on live memory also for a trace, null otherwise.</summary>
    internal sealed record Run(string Configuration, string? Result, string? Difference, ReplayReport Report, IReadOnlyList<DecisionTally> Decisions);
}
