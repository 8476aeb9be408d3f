using System.Globalization;

namespace Hmm.Scenarios.Language;

/// <summary>Where a mapping was asked to be: <c>at=NAME+N</c>.</summary>
/// <param name="Name">A mapping's name.</param>
/// <param name="Offset">Pages after that mapping's start.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct MapPlace(string Name, long Offset)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"at={Name}+{Offset}");
}
