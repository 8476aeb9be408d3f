using System;
using System.Buffers.Binary;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Mirroring;
using Hmm.Linux;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Devices;

// What the device does with pages: each step finds the page in the device's page table and does its work under the lock, or faults and looks again.
internal sealed unsafe partial class DeviceMirror
{
    /// <summary>How often a page may be lost again before it is used.</summary>
    private const int AttemptsMax = 1000;

    /// <summary>Pages that single additions hold exclusively at most.</summary>
    private const int ExclusiveMax = 64;

    private readonly ulong[] _exclusive = new ulong[ExclusiveMax];
    private int _nextExclusive;

    /// <summary>The device reads bytes.</summary>
    /// <param name="address">Where.</param>
    /// <param name="target">Where they go: memory of the application.</param>
    /// <param name="length">How many.</param>
    /// <param name="faults">How many faults the device had.</param>
    /// <returns>Success; Fault: nothing mapped, or the target is not writable; NotPermitted; InputOutput: the page cannot be had; NoMemory; Busy.</returns>
    public HmmStatus Read(ulong address, byte* target, ulong length, out long faults)
    {
        byte* bounce = stackalloc byte[PageConstants.PageSize];
        faults = 0;
        for (ulong done = 0; done < length;)
        {
            int part = PartOf(address + done, length - done);
            HmmStatus status = Access(address + done, length - done, DeviceRight.Read, &ReadLocked, bounce, part, ref faults);
            if (status == HmmStatus.Success && !GuardedAccess.Copy((nuint)target + (nuint)done, (nuint)bounce, (nuint)part).IsNone)
            {
                status = HmmStatus.Fault;
            }

            if (status != HmmStatus.Success)
            {
                return status;
            }

            done += (ulong)part;
        }

        return HmmStatus.Success;
    }

    /// <summary>The device writes bytes.</summary>
    /// <param name="address">Where.</param>
    /// <param name="source">The bytes: memory of the application.</param>
    /// <param name="length">How many.</param>
    /// <param name="faults">How many faults the device had.</param>
    /// <returns>As <see cref="Read"/>; NotPermitted also: the mapping is read-only.</returns>
    public HmmStatus Write(ulong address, byte* source, ulong length, out long faults)
    {
        byte* bounce = stackalloc byte[PageConstants.PageSize];
        faults = 0;
        for (ulong done = 0; done < length;)
        {
            int part = PartOf(address + done, length - done);
            HmmStatus status = GuardedAccess.Copy((nuint)bounce, (nuint)source + (nuint)done, (nuint)part).IsNone
                ? Access(address + done, length - done, DeviceRight.Write, &WriteLocked, bounce, part, ref faults)
                : HmmStatus.Fault;
            if (status != HmmStatus.Success)
            {
                return status;
            }

            done += (ulong)part;
        }

        return HmmStatus.Success;
    }

    /// <summary>The device adds to a word of 8 bytes, with no CPU in between: it takes exclusive access first if it has not got it.</summary>
    /// <param name="address">A multiple of 8.</param>
    /// <param name="value">What to add.</param>
    /// <param name="before">What was there.</param>
    /// <returns>As <see cref="Write"/>.</returns>
    public HmmStatus Add(ulong address, long value, out long before)
    {
        long faults = 0;
        long operand = value;
        HmmStatus status = (address & 7) != 0 ? HmmStatus.Invalid
            : Access(address, sizeof(long), DeviceRight.Atomic, &AddLocked, (byte*)&operand, sizeof(long), ref faults);
        before = operand;
        if (faults > 0)
        {
            ReleaseOldest(address >> PageConstants.PageShift);
        }

        return status;
    }

    // Pages with an exclusive holder stay in RAM. Those that were taken for one addition must not fill it up.
    private void ReleaseOldest(ulong page)
    {
        ulong oldest;
        lock (_lock)
        {
            if (Array.IndexOf(_exclusive, page) >= 0)
            {
                return;
            }

            oldest = _exclusive[_nextExclusive];
            _exclusive[_nextExclusive] = page;
            _nextExclusive = (_nextExclusive + 1) % ExclusiveMax;
            if (_table.Find(oldest, out _) != DeviceRight.Atomic)
            {
                return;
            }
        }

        // Asking for it as anybody may ends the exclusive access.
        _ = Fault(VirtualRange.FromPages(new VirtualAddress(oldest << PageConstants.PageShift), 1), isWrite: false, out _);
    }

    /// <summary>Takes exclusive access to pages: CPUs that touch them get them back, and end it. Until then they stay in RAM.</summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="granted">How many pages the device has got.</param>
    /// <returns>Success; why no page of a piece could be faulted in; pieces before it may be granted.</returns>
    public HmmStatus MakeExclusive(VirtualRange range, out long granted)
    {
        granted = 0;
        for (VirtualAddress at = range.Start; at < range.End; at = at.AddPages(PoolCopier.PagesMax))
        {
            ulong pages = Math.Min((range.End.Value - at.Value) >> PageConstants.PageShift, PoolCopier.PagesMax);
            HmmStatus status = MakePieceExclusive(VirtualRange.FromPages(at, pages), ref granted);
            if (status != HmmStatus.Success)
            {
                return status;
            }
        }

        return HmmStatus.Success;
    }

    private HmmStatus MakePieceExclusive(VirtualRange piece, ref long granted)
    {
        Span<Pfn> pages = stackalloc Pfn[(int)piece.PageCount];
        _space.Limiter.MakeRoom(piece.PageCount * 2);
        _space.Space.MmapLock.EnterRead();
        HmmStatus status = DeviceExclusiveAccess.MakeRange(_space.Space, piece, pages, this, out int taken);
        lock (_lock)
        {
            // The pages are locked: nobody can have taken one away meanwhile.
            for (int i = 0; i < taken; i++)
            {
                if (!pages[i].IsNone)
                {
                    _table.Set(piece.Start.PageNumber + (ulong)i, pages[i], DeviceRight.Atomic);
                    granted++;
                }
            }
        }

        foreach (Pfn page in pages[..taken])
        {
            if (!page.IsNone)
            {
                _space.Memory.UnlockAndPut(page);
            }
        }

        _space.Space.MmapLock.ExitRead();
        return status;
    }

    // One page or a part of it: under the lock, with the right that it takes.
    private HmmStatus Access(
        ulong address, ulong length, DeviceRight right, delegate*<DeviceMirror, Pfn, int, byte*, int, int> step, byte* bytes, int part, ref long faults)
    {
        ulong page = address >> PageConstants.PageShift;
        RoomPatience patience = new(_space);
        int attempt = 0;
        while (attempt < AttemptsMax)
        {
            lock (_lock)
            {
                DeviceRight found = _table.Find(page, out Pfn frame);
                if (found >= right || (found == DeviceRight.Write && _space.Memory.IsDevicePrivate(frame)))
                {
                    int error = step(this, frame, (int)(address & (PageConstants.PageSize - 1)), bytes, part);
                    return (HmmStatus)error;
                }
            }

            faults++;
            Rest(attempt);
            HmmStatus status = Obtain(address, length, right);
            if (status == HmmStatus.NoMemory && patience.TryWait())
            {
                continue;
            }

            if (status is not (HmmStatus.Success or HmmStatus.Busy))
            {
                return status;
            }

            attempt++;
        }

        return HmmStatus.Busy;
    }

    // Somebody else wants the page too, and may not be running.
    private static void Rest(int attempt)
    {
        const int Patience = 8;
        if (attempt > Patience)
        {
            Thread.Sleep(attempt > Patience * Patience ? 1 : 0);
        }
    }

    private HmmStatus Obtain(ulong address, ulong length, DeviceRight right)
    {
        ulong start = address & ~(ulong)(PageConstants.PageSize - 1);
        VirtualRange first = VirtualRange.FromPages(new VirtualAddress(start), 1);
        if (right == DeviceRight.Atomic)
        {
            long granted = 0;
            return MakePieceExclusive(first, ref granted);
        }

        ulong pages = Math.Min((address + length - start + PageConstants.PageSize - 1) >> PageConstants.PageShift, PoolCopier.PagesMax);
        HmmStatus status = Fault(VirtualRange.FromPages(new VirtualAddress(start), pages), right >= DeviceRight.Write, out PageObstacle obstacle);
        if (obstacle == PageObstacle.ReadOnlyDeviceMemory)
        {
            // Only at home can it become writable.
            _space.Limiter.MakeRoom();
            _space.MoveIn(_device, first, out int error);
            return (HmmStatus)error;
        }

        return status;
    }

    private static int ReadLocked(DeviceMirror mirror, Pfn frame, int offset, byte* bytes, int length)
    {
        byte* page = mirror.Find(frame, out int error);
        if (page != null)
        {
            Buffer.MemoryCopy(page + offset, bytes, length, length);
        }

        return error;
    }

    private static int WriteLocked(DeviceMirror mirror, Pfn frame, int offset, byte* bytes, int length)
    {
        byte* page = mirror.Find(frame, out int error);
        if (page == null)
        {
            return error;
        }

        Buffer.MemoryCopy(bytes, page + offset, length, length);
        return mirror.Finish(frame, page);
    }

    private static int AddLocked(DeviceMirror mirror, Pfn frame, int offset, byte* bytes, int length)
    {
        byte* page = mirror.Find(frame, out int error);
        if (page == null)
        {
            return error;
        }

        Span<byte> word = new(page + offset, length);
        long before = BinaryPrimitives.ReadInt64LittleEndian(word);
        BinaryPrimitives.WriteInt64LittleEndian(word, before + BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(bytes, length)));
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(bytes, length), before);
        return mirror.Finish(frame, page);
    }

    // A page's bytes, where the device reaches them: the frame, the pool, or a copy from a pool without addresses.
    private byte* Find(Pfn frame, out int error)
    {
        error = 0;
        if (!_space.Memory.IsDevicePrivate(frame))
        {
            fixed (byte* bytes = _space.Memory.FrameBytes(frame))
            {
                // Native memory: it stays where it is.
                return bytes;
            }
        }

        ulong slot = _device.SlotOf(frame);
        byte* place = _pool.AddressOf(slot);
        if (place != null)
        {
            return place;
        }

        error = _pool.Read(slot, 1, _page);
        return error == 0 ? _page : null;
    }

    private int Finish(Pfn frame, byte* page)
    {
        // Also in the device's own memory: the mark goes along when the page moves, and an older copy in the limit's pool is not taken for good.
        _space.Memory.MarkDirty(frame);
        return page == _page ? _pool.Write(_device.SlotOf(frame), 1, _page) : 0;
    }

    private static int PartOf(ulong address, ulong length) =>
        (int)Math.Min(PageConstants.PageSize - (address & (PageConstants.PageSize - 1)), length);
}
