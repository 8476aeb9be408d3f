using System;

namespace Hmm.Scenarios.Documents;

/// <summary>Compares answers with the recorded ones.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public static class ScenarioComparer
{
    /// <summary>Compares a line's answer.</summary>
    /// <param name="outcome">The line and its answer.</param>
    /// <returns>The difference; null if there is none. A command without a recorded answer may answer anything but <c>error</c>.</returns>
    public static ScenarioDifference? Compare(LineOutcome outcome)
    {
        ScenarioLine line = outcome.Line;
        ArgumentNullException.ThrowIfNull(line);
        string text = line.Text.Trim();
        if (line.Kind == ScenarioLineKind.StrayAnswer)
        {
            return new ScenarioDifference(line.Number, text, "a command before this answer", "none", null);
        }

        if (outcome.Answer is not { } answer)
        {
            return null;
        }

        if (line.Expected is null)
        {
            return answer.IsError ? new ScenarioDifference(line.Number, text, "a command that can run", answer.Text, answer.Reason) : null;
        }

        return line.Expected == answer.Text
            ? null
            : new ScenarioDifference(line.Number, text, line.Expected, answer.Text, answer.Reason);
    }
}
