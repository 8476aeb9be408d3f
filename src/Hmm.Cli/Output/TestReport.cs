using System.Collections.Generic;

namespace Hmm.Cli.Output;

/// <summary>The schema hmm.test/1.</summary>
internal sealed record TestReport(
    string Schema, string Version, string Machine, int Files, int Passed, int Failed, int Skipped, IReadOnlyList<TestFailure> Failures)
{
    public const string SchemaName = "hmm.test/1";
}
