namespace Hmm.Endurance.Tests;

/// <summary>How a child process ended.</summary>
/// <param name="ExitCode">Its exit code, or that of being killed.</param>
/// <param name="HasTimedOut">Whether it had to be killed.</param>
/// <param name="Output">What it said.</param>
internal sealed record ChildResult(int ExitCode, bool HasTimedOut, string Output);
