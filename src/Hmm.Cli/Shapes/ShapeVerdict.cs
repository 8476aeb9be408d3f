namespace Hmm.Cli.Shapes;

/// <summary>Whether a published shape is reproduced.</summary>
internal enum ShapeVerdict
{
    /// <summary>Same direction, and the ratio within a factor of two.</summary>
    Yes,

    /// <summary>Same direction, another ratio; or only under a condition that the text names.</summary>
    Partly,

    /// <summary>Not reproduced.</summary>
    No,
}
