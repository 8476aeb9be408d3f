using System.Collections.Generic;

namespace Hmm.Cli.Benchmarks;

/// <summary>What <c>hmm bench --format json</c> writes.</summary>
/// <param name="Schema">Name and version of this form.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Bench">Which benchmark.</param>
/// <param name="Machine">What it ran on.</param>
/// <param name="Results">One row a case.</param>
/// <param name="Notes">What to know when reading the figures.</param>
internal sealed record BenchReport(string Schema, string Version, string Bench, string Machine, IReadOnlyList<BenchResult> Results, IReadOnlyList<string> Notes)
{
    public const string SchemaName = "hmm.bench/1";
}
