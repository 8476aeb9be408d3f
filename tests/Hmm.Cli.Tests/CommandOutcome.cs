namespace Hmm.Cli.Tests;

/// <summary>What a command gave back.</summary>
internal sealed record CommandOutcome(int Code, string Output, string Error);
