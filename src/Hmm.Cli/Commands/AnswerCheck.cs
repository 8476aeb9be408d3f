using System.IO;
using Hmm.Cli.Output;
using Hmm.Scenarios.Documents;

namespace Hmm.Cli.Commands;

/// <summary>Says on stderr where a scenario is wrong, or answers otherwise than recorded.</summary>
internal static class AnswerCheck
{
    /// <returns>Whether there was something to say.</returns>
    public static bool Report(TextWriter error, string file, LineOutcome outcome)
    {
        string? reason = outcome.Answer?.Reason ?? outcome.Line.Reason;
        if (reason is not null)
        {
            error.WriteLine(LongWords.Cut($"{file}:{outcome.Line.Number}: {reason}"));
        }

        ScenarioDifference? difference = outcome.Line.Expected is null ? null : ScenarioComparer.Compare(outcome);
        if (difference is not null)
        {
            error.WriteLine(LongWords.Cut($"{file}:{difference.Line}: {difference with { Reason = null }}"));
        }

        return reason is not null || difference is not null;
    }
}
