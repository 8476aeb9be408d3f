using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Migration;
using Hmm.Pager.Devices;

namespace Hmm.Pager.Spaces;

// Moves of whole ranges between RAM and devices, piece by piece: nobody waits long for the address-space lock.
internal sealed partial class LiveSpace
{
    /// <summary>The device with this number; the first one added is 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public PoolDevice DeviceAt(int index)
    {
        lock (_layout)
        {
            return _devices[index];
        }
    }

    /// <summary>Moves what a range has in RAM to a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="range">Whole pages; holes are passed over.</param>
    /// <param name="refusals">Counts pages that stayed, by the number of their <see cref="MigrateRefusal"/>.</param>
    /// <returns>How many pages moved.</returns>
    public long MoveOut(PoolDevice device, VirtualRange range, Span<long> refusals)
    {
        Span<MigrateRefusal> reasons = stackalloc MigrateRefusal[PoolCopier.PagesMax];
        long moved = 0;
        VirtualAddress at = range.Start;
        while (TryNextPiece(ref at, range.End, out Vma? vma, out VirtualRange piece))
        {
            Span<MigrateRefusal> some = reasons[..(int)piece.PageCount];
            some.Clear();
            moved += device.MoveOut(vma!, piece, MigrateVmaSelect.System, some);
            Space.MmapLock.ExitRead();
            Count(some, refusals);
            at = piece.End;
        }

        Memory.RecycleFrames();
        return moved;
    }

    /// <summary>Moves what a range has in a device back to RAM.</summary>
    /// <returns>How many pages moved.</returns>
    public long MoveIn(PoolDevice device, VirtualRange range, out int firstError)
    {
        Span<long> refusals = stackalloc long[Exports.PagerExports.RefusalCount];
        return MoveIn(device, range, refusals, out firstError);
    }

    /// <summary>The same.</summary>
    /// <param name="device">The device.</param>
    /// <param name="range">Whole pages; what is not in the device is passed over.</param>
    /// <param name="refusals">Counts pages that stayed, by the number of their <see cref="MigrateRefusal"/>.</param>
    /// <param name="firstError">The pool's first error, negative, or 0.</param>
    /// <returns>How many pages moved.</returns>
    public long MoveIn(PoolDevice device, VirtualRange range, Span<long> refusals, out int firstError)
    {
        Span<MigrateRefusal> reasons = stackalloc MigrateRefusal[PoolCopier.PagesMax];
        long moved = 0;
        firstError = 0;
        VirtualAddress at = range.Start;
        while (true)
        {
            Limiter.MakeRoom();
            if (!TryNextPiece(ref at, range.End, out Vma? vma, out VirtualRange piece))
            {
                return moved;
            }

            Span<MigrateRefusal> some = reasons[..(int)piece.PageCount];
            some.Clear();
            int error = device.MoveIn(vma!, piece, Pfn.None, some, out int arrived, out _);
            Space.MmapLock.ExitRead();
            Count(some, refusals);
            firstError = firstError != 0 ? firstError : error;
            moved += arrived;
            at = piece.End;
        }
    }

    private static void Count(ReadOnlySpan<MigrateRefusal> reasons, Span<long> refusals)
    {
        foreach (MigrateRefusal reason in reasons)
        {
            refusals[(int)reason]++;
        }
    }

    /// <returns>True with the address-space lock held for reading; false with nothing held: the range has no more mappings.</returns>
    private bool TryNextPiece(ref VirtualAddress at, VirtualAddress end, out Vma? vma, out VirtualRange piece)
    {
        piece = default;
        Space.MmapLock.EnterRead();
        for (int i = 0; i < Space.VmaCount; i++)
        {
            vma = Space.GetVma(i);
            if (vma.Range.End <= at)
            {
                continue;
            }

            if (vma.Range.Start >= end || at >= end)
            {
                break;
            }

            at = vma.Range.Start > at ? vma.Range.Start : at;
            ulong pieceBytes = (ulong)PoolCopier.PagesMax << PageConstants.PageShift;
            ulong aligned = (at.Value & ~(pieceBytes - 1)) + pieceBytes;
            piece = new VirtualRange(at, new VirtualAddress(Math.Min(aligned, Math.Min(vma.Range.End.Value, end.Value))));
            return true;
        }

        Space.MmapLock.ExitRead();
        vma = null;
        return false;
    }
}
