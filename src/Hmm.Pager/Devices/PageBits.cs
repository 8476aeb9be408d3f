using System;
using System.Numerics;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Linux;

namespace Hmm.Pager.Devices;

/// <summary>One bit for each page number, in native memory that exists as far as it was used.</summary>
/// <remarks>Thread-safe: bits change by interlocked operations.</remarks>
internal sealed unsafe class PageBits : IDisposable
{
    private readonly ulong _count;
    private readonly nuint _length;
    private readonly ulong* _words;

    /// <param name="count">How many.</param>
    public PageBits(ulong count)
    {
        _count = count;
        _length = ((nuint)(count / 8) + PageConstants.PageSize - 1) & ~(nuint)(PageConstants.PageSize - 1);
        _words = (ulong*)LinuxException.Check(MemoryMap.MapAnonymous(0, _length, MemoryProtection.ReadWrite), "mmap", "making a bitmap of pages");
    }

    public bool this[ulong page] => (Volatile.Read(ref _words[page >> 6]) & Bit(page)) != 0;

    /// <returns>Whether it was clear.</returns>
    public bool Set(ulong page) => (Interlocked.Or(ref _words[page >> 6], Bit(page)) & Bit(page)) == 0;

    /// <returns>Whether it was set.</returns>
    public bool Clear(ulong page) => (Interlocked.And(ref _words[page >> 6], ~Bit(page)) & Bit(page)) != 0;

    /// <summary>Clears the next bit that is set.</summary>
    /// <param name="page">Where to begin; then which it was.</param>
    /// <returns>False if there is none.</returns>
    /// <remarks>Costs 8 bytes read for each 64 pages passed over.</remarks>
    public bool TryTakeNext(ref ulong page)
    {
        while (page < _count)
        {
            ulong rest = Volatile.Read(ref _words[page >> 6]) >> (int)(page & 63);
            if (rest == 0)
            {
                page = (page | 63) + 1;
                continue;
            }

            page += (ulong)BitOperations.TrailingZeroCount(rest);
            if (Clear(page))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _ = MemoryMap.Unmap((nuint)_words, _length);

    private static ulong Bit(ulong page) => 1UL << (int)(page & 63);
}
