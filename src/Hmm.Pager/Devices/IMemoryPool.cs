using System;

namespace Hmm.Pager.Devices;

/// <summary>Where a device keeps its pages: RAM, a file, and whatever else can store and fetch pages by number.</summary>
/// <remarks>
/// Called from the thread that serves faults, among others, several at a time: thread-safe, no allocation, no call into the application, no touch of
/// memory that faults to us. Pages are 4096 bytes.
/// </remarks>
internal unsafe interface IMemoryPool : IDisposable
{
    /// <summary>Where a page's bytes are, if the pool is memory that can be addressed; null if it is not.</summary>
    byte* AddressOf(ulong slot);

    /// <summary>Stores consecutive pages.</summary>
    /// <param name="slot">The first page's number.</param>
    /// <param name="pageCount">How many.</param>
    /// <param name="source">Their bytes; page-aligned.</param>
    /// <returns>0, or a negative error number: nothing is known of the pages then.</returns>
    int Write(ulong slot, int pageCount, byte* source);

    /// <summary>Fetches consecutive pages.</summary>
    /// <param name="slot">The first page's number.</param>
    /// <param name="pageCount">How many.</param>
    /// <param name="target">Where they go; page-aligned.</param>
    /// <returns>0, or a negative error number.</returns>
    int Read(ulong slot, int pageCount, byte* target);

    /// <summary>The pages are not needed any more. May do nothing.</summary>
    void Discard(ulong slot, int pageCount);
}
