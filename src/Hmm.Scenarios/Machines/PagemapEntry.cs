namespace Hmm.Scenarios.Machines;

/// <summary>What /proc/self/pagemap says of a page.</summary>
/// <param name="IsPresent">Bit 63.</param>
/// <param name="IsSwapped">Bit 62.</param>
/// <param name="IsFile">Bit 61: file page or shared anonymous page.</param>
/// <param name="IsExclusive">Bit 56: mapped by one process only.</param>
public readonly record struct PagemapEntry(bool IsPresent, bool IsSwapped, bool IsFile, bool IsExclusive);
