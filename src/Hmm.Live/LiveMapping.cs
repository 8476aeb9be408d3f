using System;
using System.Threading;
using Hmm.Linux;
using Hmm.Live.Interop;

namespace Hmm.Live;

/// <summary>A mapping of live memory.</summary>
/// <remarks>Thread-safe as <see cref="LiveMemory"/>. Dispose unmaps it; disposing its space does too.</remarks>
public sealed unsafe class LiveMapping : LiveMemory, IDisposable
{
    private readonly Lock _gate = new();
    private Place _place;

    internal LiveMapping(LiveAddressSpace space, nuint address, long length)
        : base(space) => _place = new Place(address, length);

    /// <inheritdoc/>
    public override long Length => Volatile.Read(ref _place).Length;

    /// <inheritdoc/>
    public override LiveSlice Slice(long offset, long length)
    {
        _ = AddressOf(offset, length);
        return new LiveSlice(this, offset, length);
    }

    /// <summary>Makes it longer, with zeros at its end, or shorter (mremap). It moves to other addresses: spans, memories in use and pointers from before
    /// are not good any more.</summary>
    /// <param name="length">Bytes; rounded up to whole pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    /// <exception cref="LinuxException">As mremap; the mapping is as it was.</exception>
    public void Resize(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        nuint bytes = LiveAddressSpace.RoundUp(length);
        lock (_gate)
        {
            nuint address = AddressOf(0, 0);
            nuint moved;
            using SpaceUse use = new(Space.Handle);
            int result = PagerApi.remap(use.Space, address, (nuint)_place.Length, bytes, &moved);
            PagerApi.Check(result, "hmm_remap", $"resizing {_place.Length} bytes at 0x{address:x} to {bytes}");
            Volatile.Write(ref _place, new Place(moved, (long)bytes));
        }
    }

    /// <summary>Unmaps a part; its bytes are gone, and a touch raises SIGSEGV: the addresses stay this mapping's until it is disposed.</summary>
    /// <param name="offset">The first byte, a multiple of 4096.</param>
    /// <param name="length">Bytes, a multiple of 4096.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie in this mapping.</exception>
    /// <exception cref="ObjectDisposedException">The mapping or its space is disposed.</exception>
    /// <exception cref="LinuxException">As munmap: EINVAL for parts of pages.</exception>
    public void Unmap(long offset, long length)
    {
        lock (_gate)
        {
            nuint address = AddressOf(offset, length);
            using SpaceUse use = new(Space.Handle);
            PagerApi.Check(PagerApi.unmap(use.Space, address, (nuint)length), "hmm_unmap", $"unmapping {length} bytes at 0x{address:x}");
        }
    }

    /// <summary>Unmaps it. Threads that still touch it get SIGSEGV, until thousands of other mappings have gone too: then something else may be mapped there.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Place place = _place;
            Volatile.Write(ref _place, Place.None);
            if (place == Place.None || Space.IsDisposed)
            {
                return;
            }

            try
            {
                using SpaceUse use = new(Space.Handle);
                _ = PagerApi.release(use.Space, place.Address);
            }
            catch (ObjectDisposedException)
            {
                // The space was quicker, and has unmapped it.
            }
        }
    }

    internal override nuint AddressOf(long offset, long length)
    {
        Place place = Volatile.Read(ref _place);
        ObjectDisposedException.ThrowIf(place == Place.None || Space.IsDisposed, this);
        CheckPart(offset, length, place.Length);
        return place.Address + (nuint)offset;
    }

    // Both at once: a reader must not see the address of one place with the length of another.
    private sealed record Place(nuint Address, long Length)
    {
        public static Place None { get; } = new(0, 0);
    }
}
