namespace Hmm.Cli.Explaining;

/// <summary>A piece of a line.</summary>
internal readonly record struct Piece(string Text, Tone Tone);
