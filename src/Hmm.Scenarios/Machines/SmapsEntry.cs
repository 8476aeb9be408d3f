namespace Hmm.Scenarios.Machines;

/// <summary>The sizes of an smaps entry, in KiB.</summary>
/// <param name="RssKiB">Resident.</param>
/// <param name="AnonymousKiB">Anonymous.</param>
/// <param name="SwapKiB">Swapped out.</param>
/// <param name="AnonymousHugeKiB">Mapped by huge entries.</param>
public readonly record struct SmapsEntry(ulong RssKiB, ulong AnonymousKiB, ulong SwapKiB, ulong AnonymousHugeKiB);
