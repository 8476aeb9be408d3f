using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using Hmm.Scenarios.Running;

namespace Hmm.Scenarios.Documents;

/// <summary>Writes a scenario's answers into its file.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public static class ScenarioRecorder
{
    /// <summary>Plays a file's scenario and replaces its answers. A file that would not change is not written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="runner">What runs its commands.</param>
    /// <param name="cancellation">Stops it; the file then stays as it was.</param>
    /// <returns>The lines that are wrong: their answer is <c>error</c>, or they are answers without a command.</returns>
    /// <exception cref="InvalidDataException">The file is not a text file.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read or written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<LineOutcome> Record(string path, ScenarioRunner runner, CancellationToken cancellation = default)
    {
        ScenarioDocument document = ScenarioFile.Read(path);
        var wrong = new List<LineOutcome>();
        using var text = new StringWriter();
        var writer = new TranscriptWriter(text, document);
        foreach (LineOutcome outcome in ScenarioPlayer.Play(document, runner, cancellation))
        {
            writer.Write(outcome);
            if (outcome.Line.Kind == ScenarioLineKind.StrayAnswer || outcome.Answer is { IsError: true })
            {
                wrong.Add(outcome);
            }
        }

        string recorded = text.ToString();
        if (recorded != Original(document))
        {
            ScenarioFile.Replace(path, recorded);
        }

        return wrong;
    }

    private static string Original(ScenarioDocument document)
    {
        using var text = new StringWriter();
        foreach (ScenarioLine line in document.Lines)
        {
            text.Write(line.Text);
            text.Write(line.Ending);
        }

        return text.ToString();
    }
}
