namespace Hmm.Scenarios.Documents;

/// <summary>What a line of a scenario is.</summary>
public enum ScenarioLineKind
{
    /// <summary>Empty, or a comment.</summary>
    Comment,

    /// <summary>A command, or what should be one.</summary>
    Command,

    /// <summary>A recorded answer that belongs to the command before it.</summary>
    Answer,

    /// <summary>A recorded answer that belongs to no command.</summary>
    StrayAnswer,
}
