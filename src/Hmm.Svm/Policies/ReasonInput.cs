namespace Hmm.Svm.Policies;

/// <summary>One number that a decision looked at.</summary>
/// <param name="Name">Its name, a literal; null for no input.</param>
/// <param name="Value">The number.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct ReasonInput(string? Name, long Value);
