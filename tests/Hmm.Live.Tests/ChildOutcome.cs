namespace Hmm.Live.Tests;

/// <summary>How a child process ended.</summary>
/// <param name="ExitCode">Its exit code, 128 + signal if one ended it; null if it did not end in time.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Error">What it wrote to the standard error output.</param>
internal sealed record ChildOutcome(int? ExitCode, string Output, string Error);
