namespace Hmm.Cli.Output;

/// <summary>A scenario that was not played, because the machine does not take a word of it.</summary>
internal sealed record TestSkip(string File, string Word);
