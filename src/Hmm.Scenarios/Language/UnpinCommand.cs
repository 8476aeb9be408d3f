namespace Hmm.Scenarios.Language;

/// <summary>Ends the pin: <c>unpin</c>.</summary>
public sealed record UnpinCommand : ScenarioCommand
{
    private protected override string Body => "unpin";
}
