using System;
using Hmm.Linux;
using Hmm.Live.Interop;
using Hmm.Pager.Exports;

namespace Hmm.Live;

/// <summary>A device that shares a live address space: it has memory of its own in a pool, and a page table that mirrors the CPUs'.</summary>
/// <remarks>
/// <para>What it reads and writes goes through its page table: it faults in what it lacks, works on system memory where that is, without a copy, and on pages of its
/// own memory at home; whatever takes a page away from it waits until it has let go. So its accesses are coherent with those of CPUs, page by page.</para>
/// <para>Thread-safe. Each access costs a call into the pager and a lock, so hand over whole pages where you can.</para>
/// </remarks>
public sealed unsafe class LiveDevice
{
    private readonly int _index;

    internal LiveDevice(LiveAddressSpace space, int index, LivePool pool)
    {
        Space = space;
        Pool = pool;
        _index = index;
    }

    /// <summary>The space.</summary>
    public LiveAddressSpace Space { get; }

    /// <summary>Where it keeps its pages.</summary>
    public LivePool Pool { get; }

    /// <summary>The device reads bytes.</summary>
    /// <param name="memory">Memory of this device's space.</param>
    /// <param name="offset">The first byte in it.</param>
    /// <param name="target">Where they go.</param>
    /// <returns>How many faults the device had.</returns>
    /// <exception cref="LinuxException">EFAULT: nothing is mapped there; EPERM: it may not be read; EIO: a page cannot be had; ENOMEM.</exception>
    /// <exception cref="ObjectDisposedException">The memory or its space is disposed.</exception>
    public long Read(LiveMemory memory, long offset, Span<byte> target)
    {
        nuint address = AddressIn(memory, offset, target.Length);
        long faults;
        using SpaceUse use = new(Space.Handle);
        fixed (byte* first = target)
        {
            int result = PagerApi.device_read(use.Space, _index, address, (nuint)target.Length, first, &faults);
            PagerApi.Check(result, "hmm_device_read", $"reading {target.Length} bytes at 0x{address:x} by a device");
        }

        return faults;
    }

    /// <summary>The device writes bytes.</summary>
    /// <param name="memory">Memory of this device's space.</param>
    /// <param name="offset">The first byte in it.</param>
    /// <param name="source">The bytes.</param>
    /// <returns>How many faults the device had.</returns>
    /// <exception cref="LinuxException">As <see cref="Read"/>; EPERM also: it may not be written.</exception>
    /// <exception cref="ObjectDisposedException">The memory or its space is disposed.</exception>
    public long Write(LiveMemory memory, long offset, ReadOnlySpan<byte> source)
    {
        nuint address = AddressIn(memory, offset, source.Length);
        long faults;
        using SpaceUse use = new(Space.Handle);
        fixed (byte* first = source)
        {
            int result = PagerApi.device_write(use.Space, _index, address, (nuint)source.Length, first, &faults);
            PagerApi.Check(result, "hmm_device_write", $"writing {source.Length} bytes at 0x{address:x} by a device");
        }

        return faults;
    }

    /// <summary>Takes exclusive access to memory: no CPU reaches these pages until one touches them; then it gets them back, and the access ends.
    /// Until then they stay in RAM, and must fit under the limit.</summary>
    /// <param name="memory">Memory of this device's space.</param>
    /// <returns>How many pages the device has got; others were in use by somebody.</returns>
    /// <exception cref="LinuxException">As <see cref="Write"/>.</exception>
    /// <exception cref="ObjectDisposedException">The memory or its space is disposed.</exception>
    public long MakeExclusive(LiveMemory memory)
    {
        nuint address = AddressIn(memory, 0, 0);
        long granted;
        using SpaceUse use = new(Space.Handle);
        int result = PagerApi.device_exclusive(use.Space, _index, address, (nuint)memory.Length, &granted);
        PagerApi.Check(result, "hmm_device_exclusive", $"taking exclusive access to {memory.Length} bytes at 0x{address:x}");
        return granted;
    }

    /// <summary>The device adds to a number of 8 bytes, with no CPU in between: an addition of a CPU by <see cref="System.Threading.Interlocked"/> is never lost.</summary>
    /// <param name="memory">Memory of this device's space.</param>
    /// <param name="offset">Where the number is, a multiple of 8.</param>
    /// <param name="value">What to add.</param>
    /// <returns>What was there.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie in this memory, or not at a multiple of 8.</exception>
    /// <exception cref="LinuxException">As <see cref="Write"/>.</exception>
    /// <exception cref="ObjectDisposedException">The memory or its space is disposed.</exception>
    public long FetchAdd(LiveMemory memory, long offset, long value)
    {
        nuint address = AddressIn(memory, offset, sizeof(long));
        if (address % sizeof(long) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "The number must lie at an address that is a multiple of 8.");
        }

        long before;
        using SpaceUse use = new(Space.Handle);
        int result = PagerApi.device_fetch_add(use.Space, _index, address, value, &before);
        PagerApi.Check(result, "hmm_device_fetch_add", $"adding to 0x{address:x} by a device");
        return before;
    }

    internal LiveMove Take(LiveMemory memory)
    {
        nuint address = AddressIn(memory, 0, 0);
        long* refusals = stackalloc long[PagerExports.RefusalCount];
        new Span<long>(refusals, PagerExports.RefusalCount).Clear();
        long moved;
        using SpaceUse use = new(Space.Handle);
        long errors = Space.Statistics.PoolErrors;
        int result = PagerApi.device_take(use.Space, _index, address, (nuint)memory.Length, &moved, refusals);
        PagerApi.Check(result, "hmm_device_take", $"moving {memory.Length} bytes at 0x{address:x} to a device");
        LiveStatistics after = Space.Statistics;
        return new LiveMove(moved, new ReadOnlySpan<long>(refusals, PagerExports.RefusalCount), after.PoolErrors > errors ? after.LastPoolError : 0);
    }

    // What failed is in the result: the other pages have moved.
    internal LiveMove Give(LiveMemory memory)
    {
        nuint address = AddressIn(memory, 0, 0);
        long* refusals = stackalloc long[PagerExports.RefusalCount];
        new Span<long>(refusals, PagerExports.RefusalCount).Clear();
        long moved = 0;
        using SpaceUse use = new(Space.Handle);
        int error = PagerApi.device_give(use.Space, _index, address, (nuint)memory.Length, &moved, refusals);
        return new LiveMove(moved, new ReadOnlySpan<long>(refusals, PagerExports.RefusalCount), error);
    }

    private nuint AddressIn(LiveMemory memory, long offset, int length)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (memory.Space != Space)
        {
            throw new ArgumentException("The memory belongs to another space than the device.", nameof(memory));
        }

        return memory.AddressOf(offset, length);
    }
}
