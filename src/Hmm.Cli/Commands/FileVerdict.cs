namespace Hmm.Cli.Commands;

/// <summary>What came of a file.</summary>
internal enum FileVerdict
{
    /// <summary>Every answer is the recorded one.</summary>
    Passed,

    /// <summary>Some answer differs.</summary>
    Failed,

    /// <summary>No answers are recorded, so there is nothing to compare; or the machine does not take one of its words.</summary>
    Skipped,

    /// <summary>The file cannot be read.</summary>
    Unreadable,

    /// <summary>The machine broke down on it: a fault of this program.</summary>
    Crashed,
}
