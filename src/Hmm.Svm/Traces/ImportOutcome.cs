namespace Hmm.Svm.Traces;

/// <summary>What an import read.</summary>
/// <param name="Lines">Lines of text.</param>
/// <param name="Accesses">Accesses among them that count.</param>
/// <param name="IsCut">The last line was not whole, and was left out.</param>
public readonly record struct ImportOutcome(long Lines, long Accesses, bool IsCut);
