using System;
using System.IO;

namespace Hmm.Scenarios.Documents;

/// <summary>Writes a played scenario in the recorded form: comments kept, one answer after each command.</summary>
/// <param name="output">Where to.</param>
/// <param name="document">The scenario.</param>
/// <remarks>Not thread-safe.</remarks>
public sealed class TranscriptWriter(TextWriter output, ScenarioDocument document)
{
    /// <summary>Writes a line and its answer; recorded answers are left out.</summary>
    /// <param name="outcome">The line.</param>
    public void Write(LineOutcome outcome)
    {
        ScenarioLine line = outcome.Line;
        if (line.Kind is ScenarioLineKind.Answer or ScenarioLineKind.StrayAnswer)
        {
            return;
        }

        ArgumentNullException.ThrowIfNull(line);
        bool isLast = line.Number == document.Lines.Count;
        output.Write(line.Text);

        // A last line may lack its ending; only a comment may stay that way.
        output.Write(line.Ending.Length == 0 && (outcome.Answer is not null || !isLast) ? document.NewLine : line.Ending);
        if (outcome.Answer is { } answer)
        {
            output.Write(answer.Text.Length == 0 ? "=" : "= ");
            output.Write(answer.Text);
            output.Write(document.NewLine);
        }
    }
}
