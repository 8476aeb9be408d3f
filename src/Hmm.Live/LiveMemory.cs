using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;
using Hmm.Live.Interop;

namespace Hmm.Live;

/// <summary>Live memory: a mapping, or a slice of one. Everything that can be said about a whole mapping can be said about a part.</summary>
/// <remarks>
/// <para>Spans, memories and pointers are ordinary memory for all code, system calls included. They are good until the mapping is unmapped, resized or its
/// space disposed; a touch after that ends the process with SIGSEGV, as with any freed mapping, and never reads zeros.</para>
/// <para>Thread-safe, but for what threads do to the bytes.</para>
/// </remarks>
public abstract unsafe class LiveMemory
{
    private protected LiveMemory(LiveAddressSpace space) => Space = space;

    /// <summary>The space.</summary>
    public LiveAddressSpace Space { get; }

    /// <summary>Bytes.</summary>
    public abstract long Length { get; }

    /// <summary>The first byte.</summary>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public byte* Start => (byte*)AddressOf(0, 0);

    /// <summary>Its addresses: start inclusive, end exclusive.</summary>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public VirtualRange Range
    {
        get
        {
            nuint start = AddressOf(0, 0);
            return new VirtualRange(new VirtualAddress(start), new VirtualAddress(start + (nuint)Length));
        }
    }

    /// <summary>All of it as a span.</summary>
    /// <typeparam name="T">A type without references.</typeparam>
    /// <returns>As many elements as fit.</returns>
    /// <exception cref="OverflowException">They are more than a span can hold: take pieces by the other form.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged => new((void*)AddressOf(0, 0), CountOf<T>());

    /// <summary>A piece of it as a span, wherever it lies in mappings of any length.</summary>
    /// <typeparam name="T">A type without references.</typeparam>
    /// <param name="first">Number of the first element.</param>
    /// <param name="count">How many.</param>
    /// <returns>The elements.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie in this memory.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public Span<T> AsSpan<T>(long first, int count)
        where T : unmanaged => new((void*)AddressOf(checked(first * sizeof(T)), checked((long)count * sizeof(T))), count);

    /// <summary>All of it as a memory.</summary>
    /// <typeparam name="T">A type without references.</typeparam>
    /// <returns>As many elements as fit.</returns>
    /// <exception cref="OverflowException">They are more than a memory can hold.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public Memory<T> AsMemory<T>()
        where T : unmanaged => AsMemory<T>(0, CountOf<T>());

    /// <summary>A piece of it as a memory; taking its span later looks again whether the mapping is still there.</summary>
    /// <typeparam name="T">A type without references.</typeparam>
    /// <param name="first">Number of the first element.</param>
    /// <param name="count">How many.</param>
    /// <returns>The elements.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie in this memory.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public Memory<T> AsMemory<T>(long first, int count)
        where T : unmanaged
    {
        _ = AsSpan<T>(first, count);
        return new LiveMemoryManager<T>(this, first, count).Memory;
    }

    /// <summary>A part of it.</summary>
    /// <param name="offset">The first byte; whole pages for everything that moves, protects or advises.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The part.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie in this memory.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public abstract LiveSlice Slice(long offset, long length);

    /// <summary>Reads a value of 1, 2, 4 or 8 bytes; a signal comes back as a value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="offset">The first byte.</param>
    /// <param name="value">The value; undefined after a fault.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie in this memory.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public LiveFault TryRead<T>(long offset, out T value)
        where T : unmanaged => Describe(GuardedAccess.Load(AddressOf(offset, sizeof(T)), out value));

    /// <summary>Writes a value of 1, 2, 4 or 8 bytes; a signal comes back as a value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="offset">The first byte.</param>
    /// <param name="value">The value.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie in this memory.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public LiveFault TryWrite<T>(long offset, T value)
        where T : unmanaged => Describe(GuardedAccess.Store(AddressOf(offset, sizeof(T)), value));

    /// <summary>Copies bytes out of it; a signal comes back as a value.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="target">Where they go; ordinary memory.</param>
    /// <returns>How it ended; what lies before the faulting address may be copied.</returns>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie in this memory.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public LiveFault TryCopyTo(long offset, Span<byte> target) => Describe(GuardedAccess.Copy(target, AddressOf(offset, target.Length)));

    /// <summary>Copies bytes into it; a signal comes back as a value.</summary>
    /// <param name="offset">The first byte.</param>
    /// <param name="source">The bytes; ordinary memory.</param>
    /// <returns>How it ended; what lies before the faulting address may be copied.</returns>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie in this memory.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public LiveFault TryCopyFrom(long offset, ReadOnlySpan<byte> source) => Describe(GuardedAccess.Copy(AddressOf(offset, source.Length), source));

    /// <summary>Changes what is allowed (mprotect).</summary>
    /// <param name="protection">What is allowed from now on.</param>
    /// <exception cref="LinuxException">As mprotect.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public void Protect(Protection protection)
    {
        nuint address = AddressOf(0, 0);
        using SpaceUse use = new(Space.Handle);
        PagerApi.Check(PagerApi.protect(use.Space, address, (nuint)Length, (int)protection), "hmm_protect", $"protecting {Length} bytes at 0x{address:x}");
    }

    /// <summary>Says how it is going to be used (madvise).</summary>
    /// <param name="advice">The advice.</param>
    /// <exception cref="LinuxException">As madvise.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public void Advise(MemoryAdvice advice)
    {
        nuint address = AddressOf(0, 0);
        int raisedBus;
        using SpaceUse use = new(Space.Handle);
        PagerApi.Check(
            PagerApi.advise(use.Space, address, (nuint)Length, (int)advice, &raisedBus), "hmm_advise", $"advising {advice} for {Length} bytes at 0x{address:x}");
    }

    /// <summary>Keeps it in RAM (mlock), or not any more. What is locked must fit under the RAM limit.</summary>
    /// <param name="isLocked">Whether to lock it.</param>
    /// <exception cref="LinuxException">As mlock.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public void Lock(bool isLocked = true)
    {
        nuint address = AddressOf(0, 0);
        using SpaceUse use = new(Space.Handle);
        PagerApi.Check(PagerApi.@lock(use.Space, address, (nuint)Length, isLocked ? 1 : 0), "hmm_lock", $"locking {Length} bytes at 0x{address:x}");
    }

    /// <summary>Lets pages that raised SIGBUS be tried again at the next touch.</summary>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public void Retry()
    {
        nuint address = AddressOf(0, 0);
        using SpaceUse use = new(Space.Handle);
        PagerApi.Check(PagerApi.forget(use.Space, address, (nuint)Length), "hmm_forget", "forgetting marks of SIGBUS");
    }

    /// <summary>Moves what is in RAM to a device. A touch by a CPU brings it back, page by page. What another device has stays there, as
    /// <see cref="Hmm.Core.Migration.MigrateRefusal.NotSelected"/>: <see cref="Prefetch"/> it first.</summary>
    /// <param name="device">A device of this space.</param>
    /// <returns>How many pages moved, and why the others did not.</returns>
    /// <exception cref="LinuxException">EINVAL: it is not whole pages.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public LiveMove MigrateTo(LiveDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Take(this);
    }

    /// <summary>Moves what is in RAM out of it, to where the RAM limit keeps its pages.</summary>
    /// <returns>How many pages moved, and why the others did not.</returns>
    /// <exception cref="InvalidOperationException">The space has no RAM limit, so it has no such place.</exception>
    /// <exception cref="LinuxException">EINVAL: it is not whole pages.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public LiveMove Evict() => (Space.LimitDevice ?? throw new InvalidOperationException("The space has no RAM limit, and so no pool to evict to.")).Take(this);

    /// <summary>Brings to RAM what devices have of it, as far as the RAM limit allows.</summary>
    /// <returns>For each device that had pages how many moved, and why the others did not.</returns>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    public IReadOnlyList<LiveMove> Prefetch()
    {
        List<LiveMove> moves = [];
        foreach (LiveDevice device in Space.Devices)
        {
            LiveMove move = device.Give(this);
            if (move.Moved > 0 || move.Error != 0)
            {
                moves.Add(move);
            }
        }

        return moves;
    }

    /// <summary>The address of a part, if it lies in this memory and the memory is still there.</summary>
    internal abstract nuint AddressOf(long offset, long length);

    /// <summary>Says that a part does not lie in a memory.</summary>
    private protected static void CheckPart(long offset, long length, long whole)
    {
        if (offset < 0 || length < 0 || length > whole - offset)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"{length} bytes from byte {offset} on do not lie in memory of {whole} bytes.");
        }
    }

    private int CountOf<T>()
        where T : unmanaged
    {
        long count = Length / sizeof(T);
        return count <= int.MaxValue
            ? (int)count
            : throw new OverflowException($"{count} elements are more than the {int.MaxValue} that a span or memory can hold; take pieces by AsSpan(first, count).");
    }

    private LiveFault Describe(MemoryFault fault)
    {
        int cause = 0;
        if (fault.Signal == MemorySignal.Sigbus)
        {
            using SpaceUse use = new(Space.Handle);
            _ = PagerApi.bus_error(use.Space, fault.Address, &cause);
        }

        return new LiveFault(fault.Signal, fault.Address, cause);
    }
}
