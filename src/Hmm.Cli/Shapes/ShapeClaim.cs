namespace Hmm.Cli.Shapes;

/// <summary>A published figure, and what the model gives for it.</summary>
/// <param name="Name">Its name: <c>hmm bench shapes --only NAME</c>.</param>
/// <param name="Claim">What is claimed.</param>
/// <param name="Source">Who claims it.</param>
/// <param name="Published">The published figure.</param>
/// <param name="Ours">Ours.</param>
/// <param name="Verdict">Whether the shape is reproduced.</param>
internal sealed record ShapeClaim(string Name, string Claim, string Source, string Published, string Ours, ShapeVerdict Verdict);
