namespace Hmm.Core.AddressSpaces;

/// <summary>A page as /proc/PID/pagemap shows it.</summary>
/// <param name="IsPresent">Bit 63: the CPU reaches it.</param>
/// <param name="IsSwapped">Bit 62: any other entry, device memory included.</param>
/// <param name="IsFile">Bit 61: a file's page or shared anonymous memory.</param>
/// <param name="IsExclusive">Bit 56: only one entry maps it.</param>
/// <remarks>Thread-safe: immutable.</remarks>
public readonly record struct PagemapEntry(bool IsPresent, bool IsSwapped, bool IsFile, bool IsExclusive);
