using Hmm.Scenarios.Language;

namespace Hmm.Scenarios.Documents;

/// <summary>A line of a scenario.</summary>
/// <param name="Number">Line number, from 1.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The line as written, without its ending.</param>
/// <param name="Ending">Its ending: empty, LF or CR LF.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record ScenarioLine(int Number, ScenarioLineKind Kind, string Text, string Ending)
{
    /// <summary>The command; null if the line is none, or could not be parsed.</summary>
    public ScenarioCommand? Command { get; init; }

    /// <summary>Why the line is wrong, as a sentence; null if it is not.</summary>
    public string? Reason { get; init; }

    /// <summary>The answer that was recorded for this command; null if none was.</summary>
    public string? Expected { get; init; }
}
