namespace Hmm.Cli.Output;

/// <summary>An answer that differs.</summary>
internal sealed record TestFailure(string File, int Line, string Command, string Expected, string Actual);
