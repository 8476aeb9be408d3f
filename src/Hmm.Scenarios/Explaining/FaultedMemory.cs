namespace Hmm.Scenarios.Explaining;

/// <summary>What the mapping of a fault is, as far as notes need it.</summary>
/// <param name="IsAnonymous">Whether private anonymous memory.</param>
/// <param name="IsCopyOnWrite">Whether a write makes a private copy.</param>
internal readonly record struct FaultedMemory(bool IsAnonymous, bool IsCopyOnWrite);
