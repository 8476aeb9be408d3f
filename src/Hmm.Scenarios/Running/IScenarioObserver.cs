namespace Hmm.Scenarios.Running;

/// <summary>Is told of each command before and after it runs, so that what happens in the machine can be sorted by command.</summary>
/// <remarks>
/// Called on the thread that runs the scenario. Commands that answer <c>error</c> are not told: the machine never sees them.
/// </remarks>
public interface IScenarioObserver
{
    /// <summary>A command is about to run.</summary>
    /// <param name="context">The command.</param>
    void BeforeCommand(in CommandContext context);

    /// <summary>A command has run.</summary>
    /// <param name="context">The command.</param>
    /// <param name="answer">Its answer.</param>
    void AfterCommand(in CommandContext context, in ScenarioAnswer answer);
}
