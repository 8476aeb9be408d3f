using Hmm.Scenarios.Running;

namespace Hmm.Scenarios.Documents;

/// <summary>A line of a scenario, and what came of it.</summary>
/// <param name="Line">The line.</param>
/// <param name="Answer">The answer, if the line is a command.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct LineOutcome(ScenarioLine Line, ScenarioAnswer? Answer);
