using System;
using Hmm.Core.Addressing;
using Hmm.Linux;

namespace Hmm.Pager.Devices;

/// <summary>A pool in RAM: a memory file, mapped. Its memory counts against nobody's limit.</summary>
/// <remarks>Thread-safe: pages are independent, and nobody stores and fetches the same one at once.</remarks>
internal sealed unsafe class RamPool : IMemoryPool
{
    private static readonly nuint LengthMax = unchecked((nuint)(1UL << 40));

    private readonly MemoryFile _file;
    private readonly byte* _start;

    public RamPool()
    {
        _file = MemoryFile.Create("hmm-ram-pool", (long)LengthMax);
        nint start = MemoryMap.MapShared(0, LengthMax, MemoryProtection.ReadWrite, _file, 0);
        if (start < 0)
        {
            _file.Dispose();
            throw new LinuxException(start, "mmap", "mapping a RAM pool");
        }

        _start = (byte*)start;
        _ = MemoryMap.Advise((nuint)start, LengthMax, MapAdvice.DontFork);
    }

    public byte* AddressOf(ulong slot) => _start + (slot << PageConstants.PageShift);

    public int Write(ulong slot, int pageCount, byte* source)
    {
        Buffer.MemoryCopy(source, AddressOf(slot), (long)pageCount << PageConstants.PageShift, (long)pageCount << PageConstants.PageShift);
        return 0;
    }

    public int Read(ulong slot, int pageCount, byte* target)
    {
        Buffer.MemoryCopy(AddressOf(slot), target, (long)pageCount << PageConstants.PageShift, (long)pageCount << PageConstants.PageShift);
        return 0;
    }

    public void Discard(ulong slot, int pageCount) =>
        _ = _file.PunchHole((long)(slot << PageConstants.PageShift), (long)pageCount << PageConstants.PageShift);

    public void Dispose()
    {
        _ = MemoryMap.Unmap((nuint)_start, LengthMax);
        _file.Dispose();
    }
}
