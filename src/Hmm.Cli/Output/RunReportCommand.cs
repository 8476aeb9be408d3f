namespace Hmm.Cli.Output;

/// <summary>A command that was run. Expected is null where no answer was recorded.</summary>
internal sealed record RunReportCommand(string File, int Line, string Command, string Answer, string? Expected);
