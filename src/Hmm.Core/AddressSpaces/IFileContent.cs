using System;

namespace Hmm.Core.AddressSpaces;

/// <summary>What a new file holds, page by page, so that a large file costs nothing until it is read.</summary>
/// <remarks>Called by whoever faults, by several threads at once, with the address-space lock held: must be thread-safe, and not touch the process.</remarks>
public interface IFileContent
{
    /// <summary>Fills a page of the file.</summary>
    /// <param name="pageIndex">Page number in the file.</param>
    /// <param name="page">4 KiB to fill whole.</param>
    void Fill(ulong pageIndex, Span<byte> page);
}
