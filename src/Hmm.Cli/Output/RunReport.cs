using System.Collections.Generic;

namespace Hmm.Cli.Output;

/// <summary>The schema hmm.run/1.</summary>
internal sealed record RunReport(string Schema, string Version, string Machine, IReadOnlyList<RunReportCommand> Commands)
{
    public const string SchemaName = "hmm.run/1";
}
