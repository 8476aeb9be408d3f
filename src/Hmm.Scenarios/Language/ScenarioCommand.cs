namespace Hmm.Scenarios.Language;

/// <summary>A parsed command.</summary>
/// <remarks>Thread-safe: immutable. <see cref="ToString"/> gives the command in its plainest form, which parses back to it.</remarks>
public abstract record ScenarioCommand
{
    /// <summary>The process that commands without a prefix run in.</summary>
    public const string FirstProcess = "p0";

    private protected ScenarioCommand()
    {
    }

    /// <summary>Name of the process that runs it.</summary>
    public string Process { get; init; } = FirstProcess;

    /// <summary>The REF that it works on; null for commands without one.</summary>
    public virtual PageReference? Reference => null;

    /// <summary>The command's text without the process prefix.</summary>
    private protected abstract string Body { get; }

    /// <inheritdoc/>
    public sealed override string ToString() => Process == FirstProcess ? Body : Process + ": " + Body;
}
