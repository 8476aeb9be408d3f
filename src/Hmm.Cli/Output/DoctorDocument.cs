using System.Collections.Generic;

namespace Hmm.Cli.Output;

/// <summary>What <c>hmm doctor --format json</c> writes.</summary>
/// <param name="Schema">Name and version of this form.</param>
/// <param name="LiveWorks">Whether live memory works here.</param>
/// <param name="Obstacle">What is in the way, as sentences; null if nothing is.</param>
/// <param name="Capabilities">All findings.</param>
internal sealed record DoctorDocument(string Schema, bool LiveWorks, string? Obstacle, IReadOnlyList<DoctorDocument.Finding> Capabilities)
{
    public const string SchemaName = "hmm.doctor/1";

    /// <summary>One finding; the state is <c>works</c>, <c>limited</c> or <c>missing</c>.</summary>
    internal sealed record Finding(string Name, string State, bool Needed, string Purpose, string Detail, string? Remedy);
}
