namespace Hmm.Core.Diagnostics;

/// <summary>A rule of the engine that does not hold.</summary>
/// <param name="Invariant">The rule's number, for instance <c>INV-03</c>; ARCHITECTURE.md lists them.</param>
/// <param name="Message">What was found, and where.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct InvariantViolation(string Invariant, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Invariant + ": " + Message;
}
