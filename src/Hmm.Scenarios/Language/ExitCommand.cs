namespace Hmm.Scenarios.Language;

/// <summary>The process exits: <c>exit</c>.</summary>
public sealed record ExitCommand : ScenarioCommand
{
    private protected override string Body => "exit";
}
