namespace Hmm.Cli.Explaining;

/// <summary>The few signs that are no letters.</summary>
internal static class Glyphs
{
    public const string Arrow = "→";

    /// <summary>Before each line that explains, on a terminal.</summary>
    public const string Gutter = "│ ";

    /// <summary>The same in plain text: a comment, so that what is written can be run and tested again.</summary>
    public const string PlainGutter = "#| ";
}
