namespace Hmm.Cli;

/// <summary>What the command's exit code says.</summary>
internal static class ExitCodes
{
    /// <summary>Done, and every check passed.</summary>
    public const int Success = 0;

    /// <summary>A check failed: an answer differs, or a command cannot be run.</summary>
    public const int CheckFailed = 1;

    /// <summary>Nothing was checked, so nothing can be said.</summary>
    public const int Inconclusive = 2;

    /// <summary>The host lacks a capability.</summary>
    public const int MissingCapability = 3;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>A fault of this program.</summary>
    public const int InternalError = 70;

    /// <summary>A file is missing, or cannot be read or written.</summary>
    public const int InputOutput = 74;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>For the help.</summary>
    public const string Description =
        "Exit codes: 0 done; 1 a check failed; 2 nothing was checked; 3 the host lacks a capability; "
        + "64 wrong usage; 70 internal error; 74 a file cannot be read or written; 130 interrupted.";
}
