namespace Hmm.Scenarios.Running;

/// <summary>A command's answer.</summary>
/// <param name="Text">The answer as it is recorded, without the <c>= </c>.</param>
/// <param name="Reason">Why the command could not be run, as a sentence; null if it was run.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct ScenarioAnswer(string Text, string? Reason)
{
    /// <summary>Whether the command could not be run: it was refused before the machine saw it.</summary>
    public bool IsError => Reason is not null;

    /// <summary>The answer of a command that could not be run.</summary>
    /// <param name="reason">Why, as a sentence.</param>
    /// <returns>The answer.</returns>
    public static ScenarioAnswer Error(string reason) => new("error", reason);

    /// <summary>An answer of the machine.</summary>
    /// <param name="text">The answer.</param>
    /// <returns>The answer.</returns>
    public static ScenarioAnswer Of(string text) => new(text, null);
}
