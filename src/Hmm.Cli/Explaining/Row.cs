namespace Hmm.Cli.Explaining;

/// <summary>A line of an explanation: what it is about, where, and up to two columns of text.</summary>
/// <param name="Label">What it is about.</param>
/// <param name="Place">Where.</param>
/// <param name="Left">The first column.</param>
/// <param name="Right">The second column; may be empty.</param>
internal sealed record Row(string Label, string Place, Piece Left, Piece Right)
{
    /// <summary>What stands between the columns.</summary>
    public string Joint { get; init; } = "  ";
}
