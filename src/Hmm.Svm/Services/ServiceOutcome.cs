namespace Hmm.Svm.Services;

/// <summary>What a service call did.</summary>
/// <param name="Entries">Fault buffer entries fetched.</param>
/// <param name="Served">Pages that were faulted on and can be used now, duplicates included.</param>
/// <param name="Cancelled">Faults that can never be served.</param>
/// <param name="Throttled">Faults put off.</param>
/// <param name="Replays">Replays issued.</param>
public readonly record struct ServiceOutcome(int Entries, int Served, int Cancelled, int Throttled, int Replays);
