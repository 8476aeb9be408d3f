using System.Collections.Generic;
using Hmm.Scenarios.Documents;

namespace Hmm.Cli.Commands;

/// <summary>What came of a file; the problem is why it could not be read or played, the missing word why it was skipped.</summary>
internal sealed record FileResult(
    string File, FileVerdict Verdict, IReadOnlyList<ScenarioDifference> Differences, string? Problem = null, string? MissingWord = null);
