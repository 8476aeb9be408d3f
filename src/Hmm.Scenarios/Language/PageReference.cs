using System.Globalization;

namespace Hmm.Scenarios.Language;

/// <summary>A REF: a whole mapping, or pages counted from its start.</summary>
/// <param name="Name">The mapping's name.</param>
/// <param name="Pages">Which pages; null for the whole mapping.</param>
/// <remarks>Thread-safe: immutable. It is only arithmetic: the pages may lie before the mapping or past it.</remarks>
public readonly record struct PageReference(string Name, PageSpan? Pages)
{
    /// <inheritdoc/>
    public override string ToString() => Pages switch
    {
        null => Name,
        { Count: 1 } one => string.Create(CultureInfo.InvariantCulture, $"{Name}[{one.First}]"),
        { } many => string.Create(CultureInfo.InvariantCulture, $"{Name}[{many.First}..{many.End}]"),
    };
}
