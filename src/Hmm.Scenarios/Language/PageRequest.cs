using System.Globalization;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Language;

/// <summary>What <c>dev0 range</c> asks for some of its pages: <c>I..J=F</c>.</summary>
/// <param name="Pages">Which, counted from the REF's first page; those outside the REF ask for nothing.</param>
/// <param name="Request">What.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct PageRequest(PageSpan Pages, FaultRequest Request)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        string letters = Vocabulary.RequestLetters(Request);
        return Pages.Count == 1
            ? string.Create(CultureInfo.InvariantCulture, $"{Pages.First}={letters}")
            : string.Create(CultureInfo.InvariantCulture, $"{Pages.First}..{Pages.End}={letters}");
    }
}
