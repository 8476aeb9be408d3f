using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace Hmm.Cli.Output;

/// <summary>The schema hmm.test/1. Skips are those for a word that the machine does not take; null where there are none.</summary>
internal sealed record TestReport(
    string Schema,
    string Version,
    string Machine,
    int Files,
    int Passed,
    int Failed,
    int Skipped,
    IReadOnlyList<TestFailure> Failures,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TestSkip>? Skips = null)
{
    public const string SchemaName = "hmm.test/1";
}
