namespace Hmm.Core.AddressSpaces;

/// <summary>The sizes of a mapping as /proc/PID/smaps shows them, in bytes.</summary>
/// <param name="ResidentBytes">Pages that entries name, in system or device memory, poisoned ones included; zero pages do not count.</param>
/// <param name="AnonymousBytes">Of these, anonymous ones.</param>
/// <param name="SwapBytes">Entries in swap.</param>
/// <param name="AnonymousHugeBytes">Mapped by huge entries.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct SmapsEntry(ulong ResidentBytes, ulong AnonymousBytes, ulong SwapBytes, ulong AnonymousHugeBytes);
