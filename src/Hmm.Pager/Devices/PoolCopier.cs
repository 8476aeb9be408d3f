using System;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Linux;
using Hmm.Pager.Faults;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Devices;

/// <summary>Copies pages between the frames of a space and a pool.</summary>
/// <remarks>
/// By pread and pwrite on the memory file, not through the alias: a mapping would cost a fault a page, and another one when the page goes.
/// Thread-safe: pools without addresses share one buffer, under a lock.
/// </remarks>
/// <param name="frames">The file of frames.</param>
/// <param name="pool">The pool.</param>
/// <param name="counters">Counts bytes and failures.</param>
internal sealed unsafe class PoolCopier(MemoryFile frames, IMemoryPool pool, FaultCounters counters) : IDisposable
{
    /// <summary>Pages that can be copied in one call.</summary>
    public const int PagesMax = 64;

    private const int BufferBytes = PagesMax << PageConstants.PageShift;

    private readonly Lock _bufferLock = new();
    private readonly byte* _buffer = (byte*)NativeMemory.AlignedAlloc(BufferBytes, PageConstants.PageSize);

    /// <summary>From frames to the pool.</summary>
    /// <returns>0 or a negative error number.</returns>
    public int Out(Pfn first, ulong slot, int pageCount)
    {
        long offset = PagerMachine.OffsetOf(first);
        int length = pageCount << PageConstants.PageShift;
        byte* place = pool.AddressOf(slot);
        int error;
        if (place != null)
        {
            error = Fetch(offset, place, length);
        }
        else
        {
            lock (_bufferLock)
            {
                error = Fetch(offset, _buffer, length);
                error = error != 0 ? error : pool.Write(slot, pageCount, _buffer);
            }
        }

        Count(Counter.BytesWritten, length, error);
        return error;
    }

    /// <summary>From the pool to frames.</summary>
    /// <returns>0 or a negative error number.</returns>
    public int In(ulong slot, Pfn first, int pageCount)
    {
        long offset = PagerMachine.OffsetOf(first);
        int length = pageCount << PageConstants.PageShift;
        byte* place = pool.AddressOf(slot);
        int error;
        if (place != null)
        {
            error = Store(offset, place, length);
        }
        else
        {
            lock (_bufferLock)
            {
                error = pool.Read(slot, pageCount, _buffer);
                error = error != 0 ? error : Store(offset, _buffer, length);
            }
        }

        Count(Counter.BytesRead, length, error);
        return error;
    }

    public void Dispose() => NativeMemory.AlignedFree(_buffer);

    private int Fetch(long offset, byte* target, int length)
    {
        nint done = frames.Read(offset, target, (nuint)length);
        return done == length ? 0 : done < 0 ? (int)done : -Errno.EIO;
    }

    private int Store(long offset, byte* source, int length)
    {
        nint done = frames.Write(offset, source, (nuint)length);
        return done == length ? 0 : done < 0 ? (int)done : -Errno.ENOSPC;
    }

    private void Count(Counter counter, int bytes, int error)
    {
        if (error == 0)
        {
            counters.Add(counter, bytes);
        }
        else
        {
            counters.Add(Counter.PoolErrors);
        }
    }
}
