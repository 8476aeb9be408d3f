using System.Collections.Generic;
using System.Linq;
using Hmm.Svm.Replay;

namespace Hmm.Svm.Reports;

/// <summary>A run to report: one configuration of a matrix.</summary>
/// <param name="Report">What happened.</param>
/// <param name="Recording">What a picture needs; null if no picture is wanted.</param>
/// <param name="Difference">Null, or a sentence that names the first difference between a workload's result and what had to come out.</param>
/// <param name="Decisions">Which rules fired; empty unless somebody asked.</param>
public sealed record ReportRun(
    ReplayReport Report, RunRecording? Recording, string? Difference, IReadOnlyList<DecisionTally> Decisions)
{
    /// <summary>The configuration in a line: <c>uvm, 16 MiB, prefetch=none</c>.</summary>
    public string Label =>
        string.Join(", ", [Report.Profile, Quantity.Bytes(Report.DeviceMemoryBytes), .. Report.Policies.OrderBy(policy => policy.Key).Select(policy => $"{policy.Key}={policy.Value}")]);
}
