namespace Hmm.Scenarios.Language;

/// <summary>Forks the process: <c>fork NAME</c>.</summary>
/// <param name="Child">Name of the child.</param>
public sealed record ForkCommand(string Child) : ScenarioCommand
{
    private protected override string Body => "fork " + Child;
}
