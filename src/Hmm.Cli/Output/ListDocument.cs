using System.Collections.Generic;

namespace Hmm.Cli.Output;

/// <summary>What <c>hmm replay --list --format json</c> writes.</summary>
/// <param name="Schema">Name and version of this form.</param>
/// <param name="Entries">All that can be named.</param>
internal sealed record ListDocument(string Schema, IReadOnlyList<ListDocument.Entry> Entries)
{
    public const string SchemaName = "hmm.replay-list/1";

    /// <summary>One name: the section of the list that it is in, what it is, and a workload's settings.</summary>
    internal sealed record Entry(string Section, string Name, string Summary, string Settings = "");
}
