namespace Hmm.Scenarios.Documents;

/// <summary>A command whose answer is not the recorded one.</summary>
/// <param name="Line">Line number of the command.</param>
/// <param name="Command">The command as written.</param>
/// <param name="Expected">The recorded answer, or what else was expected.</param>
/// <param name="Actual">The answer.</param>
/// <param name="Reason">For the answer <c>error</c>: why.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record ScenarioDifference(int Line, string Command, string Expected, string Actual, string? Reason)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Command}: expected {Shown(Expected)}, got {Shown(Actual)}" + (Reason is null ? "" : $" ({Reason.TrimEnd('.')})");

    private static string Shown(string answer) => answer.Length == 0 ? "an empty answer" : answer;
}
