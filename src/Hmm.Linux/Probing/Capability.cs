namespace Hmm.Linux.Probing;

/// <summary>One thing that a host gives or not.</summary>
/// <param name="Name">Short, in kebab-case; stable, for programs.</param>
/// <param name="State">How much of it.</param>
/// <param name="IsNeeded">Whether live memory needs it; otherwise it only makes something better.</param>
/// <param name="Purpose">What it is for, as a part of a sentence.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What to change to get it, as a sentence; null if nothing is to be done.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public sealed record Capability(string Name, CapabilityState State, bool IsNeeded, string Purpose, string Detail, string? Remedy = null)
{
    /// <summary>Whether live memory fails for want of this.</summary>
    public bool IsInTheWay => IsNeeded && State == CapabilityState.Missing;
}
