using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Scenarios.Running;

namespace Hmm.Scenarios.Documents;

/// <summary>Plays a scenario from its first line to its last.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public static class ScenarioPlayer
{
    /// <summary>Plays a scenario; each line is played when its outcome is asked for.</summary>
    /// <param name="document">The scenario.</param>
    /// <param name="runner">What runs its commands.</param>
    /// <param name="cancellation">Stops the scenario, also within a command that goes over many pages.</param>
    /// <returns>The outcome of each line, in order.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IEnumerable<LineOutcome> Play(ScenarioDocument document, ScenarioRunner runner, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(runner);
        return PlayLines(document, runner, cancellation);
    }

    private static IEnumerable<LineOutcome> PlayLines(ScenarioDocument document, ScenarioRunner runner, CancellationToken cancellation)
    {
        foreach (ScenarioLine line in document.Lines)
        {
            cancellation.ThrowIfCancellationRequested();
            if (line.Kind != ScenarioLineKind.Command)
            {
                yield return new LineOutcome(line, null);
                continue;
            }

            ScenarioAnswer answer = line.Command is null
                ? ScenarioAnswer.Error(line.Reason ?? "It is not a command.")
                : runner.Run(line.Command, cancellation);
            yield return new LineOutcome(line, answer);
        }
    }
}
