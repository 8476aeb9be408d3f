namespace Hmm.Cli.Explaining;

/// <summary>What a piece of text is, for its colour.</summary>
internal enum Tone
{
    Plain,
    Command,
    Answer,
    Quiet,
    Label,
    Place,
    Old,
    New,
    Event,
    Bad,
}
