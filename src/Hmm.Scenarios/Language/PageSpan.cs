namespace Hmm.Scenarios.Language;

/// <summary>Page indices: first inclusive, end exclusive, never end before first.</summary>
/// <param name="First">First index; may be negative.</param>
/// <param name="End">End index, exclusive.</param>
/// <remarks>Thread-safe: immutable. Both are at most <see cref="LargestIndex"/> from zero, so that no sum of a few of them wraps.</remarks>
public readonly record struct PageSpan(long First, long End)
{
    /// <summary>The largest page index or page count of the language: the pages of the 64-bit range.</summary>
    public const long LargestIndex = 1L << 52;

    /// <summary>How many pages.</summary>
    public long Count => End - First;
}
