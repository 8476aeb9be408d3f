using System.Collections.Generic;

namespace Hmm.Cli.Output;

/// <summary>What <c>hmm bench shapes --format json</c> writes.</summary>
/// <param name="Schema">Name and version of this form.</param>
/// <param name="Shapes">One for each published figure.</param>
internal sealed record ShapeDocument(string Schema, IReadOnlyList<ShapeDocument.Row> Shapes)
{
    public const string SchemaName = "hmm.shapes/1";

    /// <summary>A published figure and ours.</summary>
    internal sealed record Row(string Name, string Claim, string Source, string Published, string Ours, string Reproduced);
}
