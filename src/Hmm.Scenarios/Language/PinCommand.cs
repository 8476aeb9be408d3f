namespace Hmm.Scenarios.Language;

/// <summary>A long-term pin: <c>pin REF [write]</c>.</summary>
/// <param name="Target">Where.</param>
/// <param name="IsWrite">Whether the pages are pinned for writing.</param>
public sealed record PinCommand(PageReference Target, bool IsWrite) : ScenarioCommand
{
    /// <inheritdoc/>
    public override PageReference? Reference => Target;

    private protected override string Body => $"pin {Target}{(IsWrite ? " write" : "")}";
}
