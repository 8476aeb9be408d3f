using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Linux;

namespace Hmm.Pager.Devices;

/// <summary>One bit for each page number, in native memory that exists as far as it was used.</summary>
/// <remarks>Thread-safe: bits change by interlocked operations.</remarks>
internal sealed unsafe class PageBits : IDisposable
{
    private readonly nuint _length;
    private readonly ulong* _words;

    /// <param name="count">How many.</param>
    public PageBits(ulong count)
    {
        _length = ((nuint)(count / 8) + PageConstants.PageSize - 1) & ~(nuint)(PageConstants.PageSize - 1);
        _words = (ulong*)LinuxException.Check(MemoryMap.MapAnonymous(0, _length, MemoryProtection.ReadWrite), "mmap", "making a bitmap of pages");
    }

    public bool this[ulong page] => (Volatile.Read(ref _words[page >> 6]) & Bit(page)) != 0;

    public void Set(ulong page) => Interlocked.Or(ref _words[page >> 6], Bit(page));

    public void Clear(ulong page) => Interlocked.And(ref _words[page >> 6], ~Bit(page));

    public void Dispose() => _ = MemoryMap.Unmap((nuint)_words, _length);

    private static ulong Bit(ulong page) => 1UL << (int)(page & 63);
}
