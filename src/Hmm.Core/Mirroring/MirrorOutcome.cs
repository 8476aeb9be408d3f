namespace Hmm.Core.Mirroring;

/// <summary>How a mirror fault ended.</summary>
/// <param name="Status">Success; Busy (the budget is spent); Invalid (an empty or misaligned range, or the address space has died); otherwise why the first
/// page that failed did: the others are committed nevertheless, unless the profile was <see cref="FaultProfile.Linux612"/>.</param>
/// <param name="Attempts">How often the range was walked.</param>
/// <param name="IsCommitted">Whether the driver's Commit was called.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct MirrorOutcome(HmmStatus Status, int Attempts, bool IsCommitted);
