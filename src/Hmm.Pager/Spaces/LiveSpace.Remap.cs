using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;

namespace Hmm.Pager.Spaces;

// mremap. Homes of pages move along, since the kernel's mapping keeps its place in the file; what has no page gets homes that suit its new address.
internal sealed partial class LiveSpace
{
    /// <summary>Moves a mapping, or a part of it, to a place of the space's choice, and shrinks or grows it.</summary>
    /// <param name="source">Whole pages of one mapping.</param>
    /// <param name="length">Bytes afterwards.</param>
    /// <param name="address">Where it is afterwards. The addresses of a whole mapping that moves are given up, as by <see cref="Release"/>.</param>
    public HmmStatus Remap(VirtualRange source, nuint length, out nuint address)
    {
        lock (_layout)
        {
            nint start = _isDisposed ? -Errno.EINVAL : _territory.Claim(length, (nuint)PageConstants.PmdSize);
            address = start < 0 ? 0 : (nuint)start;
            HmmStatus status = start < 0 ? (HmmStatus)(int)start
                : RemapLocked(source, VirtualRange.FromPages(new VirtualAddress(address), length >> PageConstants.PageShift));
            if (status != HmmStatus.Success && !IsMapped(new VirtualAddress(address)))
            {
                _territory.Release(address);
            }
            else if (status == HmmStatus.Success && _territory.TryFindClaim((nuint)source.Start.Value, out nuint end) && source.End.Value >= end)
            {
                // All of it has moved away.
                _territory.Release((nuint)source.Start.Value);
            }

            return status;
        }
    }

    /// <summary>Moves a mapping, or a part of it, to a place.</summary>
    public HmmStatus RemapTo(VirtualRange source, VirtualRange target)
    {
        lock (_layout)
        {
            bool canClaim = target.Start.IsPageAligned && target.End.IsPageAligned && target.End.Value <= PageConstants.UserSpaceEnd;
            int claimed = !canClaim || _isDisposed ? -Errno.EINVAL : _territory.ClaimAt((nuint)target.Start.Value, (nuint)target.End.Value);
            return claimed < 0 ? (HmmStatus)claimed : RemapLocked(source, target);
        }
    }

    private HmmStatus RemapLocked(VirtualRange source, VirtualRange target)
    {
        bool isOrderly = !source.Overlaps(target) && source.Start.IsPageAligned && source.End.IsPageAligned && !target.IsEmpty;
        object? memory = BackingAt(source.Start, out ulong page);
        if (!isOrderly || (source.IsEmpty && memory == null) || !IsMapped(source.Start))
        {
            // The engine knows which error that is.
            HmmStatus error = Space.Remap(source, target);
            GiveUpHoles(target);
            return error;
        }

        if (!_plan.EnsureRoom(target.Start.Value, target.End.Value))
        {
            return HmmStatus.NoMemory;
        }

        _ = Space.Unmap(target);
        GiveUp(target.Start.Value, target.End.Value);
        ulong moved = Math.Min(source.LengthBytes, target.LengthBytes);
        ulong kept = memory == null ? MoveHomes(source.Start.Value, moved, target.Start.Value) : ShareHomes(memory, page, target);

        // What grows needs homes before the engine populates it.
        bool hasHomes = kept >= target.End.Value || _plan.Give(kept, target.End.Value);

        // Shown before the engine moves anything: should that fail, all is as it was. Inaccessible, so nobody sees pages in two places.
        HmmStatus status = hasHomes ? ShowAll(target, Protection.None) : HmmStatus.NoMemory;
        status = status == HmmStatus.Success ? Space.Remap(source, target) : status;
        if (status != HmmStatus.Success)
        {
            Homes.Remove(target.Start.Value, kept);
            GiveUp(target.Start.Value, target.End.Value);
            _ = MemoryMap.ReserveAt((nuint)target.Start.Value, (nuint)target.LengthBytes);
            GiveUpHoles(source);
            return status;
        }

        Leave(source, moved);
        if (memory == null && _plan.Straighten(Space, target.Start.Value, target.End.Value))
        {
            // Mapped afresh: there is nothing in the old mapping that a fault would not fill again.
            status = ShowAll(target, Protection.None);
        }

        ApplyProtection(target.Start.Value, target.End.Value);
        return status;
    }

    private HmmStatus ShowAll(VirtualRange range, Protection protection)
    {
        HmmStatus status = HmmStatus.Success;
        foreach (HomeSegment segment in Homes.Cut(range.Start.Value, range.End.Value))
        {
            status = status == HmmStatus.Success ? Show(segment, protection) : status;
        }

        return status;
    }

    /// <returns>The end of what has homes now.</returns>
    private ulong MoveHomes(ulong start, ulong length, ulong target)
    {
        foreach (HomeSegment part in Homes.Cut(start, start + length))
        {
            Homes.Set(part.MovedTo(part.Start - start + target));
        }

        return target + length;
    }

    /// <returns>The end of what has homes now: beyond the end of the memory there are none.</returns>
    private ulong ShareHomes(object memory, ulong page, VirtualRange target)
    {
        if (_sharedHomes.Find(memory, page, target) is not { } segment)
        {
            return target.Start.Value;
        }

        Homes.Set(segment);
        return segment.End;
    }

    // The old place: its homes are the new place's now, but for those of what was cut off.
    private void Leave(VirtualRange source, ulong moved)
    {
        if (source.IsEmpty)
        {
            return;
        }

        Homes.Remove(source.Start.Value, source.Start.Value + moved);
        GiveUp(source.Start.Value, source.End.Value);
        // No more than that: what is cut off may reach beyond the mapping, into memory that is not the space's.
        _ = MemoryMap.ReserveAt((nuint)source.Start.Value, (nuint)moved);

        // Who waits in a mapping that goes away is not woken by that.
        _ = _descriptor.Wake((nuint)source.Start.Value, (nuint)source.LengthBytes);
    }

    private bool IsMapped(VirtualAddress address)
    {
        Space.MmapLock.EnterRead();
        bool isMapped = Space.FindVma(address) != null;
        Space.MmapLock.ExitRead();
        return isMapped;
    }
}
