using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Linux;

namespace Hmm.Pager.Spaces;

// mremap. Homes of pages move along, since the kernel's mapping keeps its place in the file; what has no page gets homes that suit its new address.
internal sealed partial class LiveSpace
{
    /// <summary>Moves a mapping, or a part of it, to a place of the space's choice, and shrinks or grows it.</summary>
    /// <param name="source">Whole pages of one mapping.</param>
    /// <param name="length">Bytes afterwards.</param>
    /// <param name="address">Where it is afterwards.</param>
    public HmmStatus Remap(VirtualRange source, nuint length, out nuint address)
    {
        lock (_layout)
        {
            nint start = _isDisposed ? -Errno.EINVAL : _territory.Claim(length, (nuint)PageConstants.PmdSize);
            address = start < 0 ? 0 : (nuint)start;
            return start < 0 ? (HmmStatus)(int)start : RemapLocked(source, VirtualRange.FromPages(new VirtualAddress(address), length >> PageConstants.PageShift));
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
        HmmStatus status = hasHomes ? Space.Remap(source, target) : HmmStatus.NoMemory;
        if (status != HmmStatus.Success)
        {
            Homes.Remove(target.Start.Value, kept);
            GiveUp(target.Start.Value, target.End.Value);
            GiveUpHoles(source);
            return status;
        }

        Leave(source, moved);
        if (memory == null)
        {
            _plan.Straighten(Space, target.Start.Value, target.End.Value);
        }

        foreach (HomeSegment segment in Homes.Cut(target.Start.Value, target.End.Value))
        {
            // Mapped afresh at the same place of the file: there is nothing in the old mapping that a fault would not fill again.
            HmmStatus shown = Show(segment, Core.AddressSpaces.Protection.None);
            status = status == HmmStatus.Success ? shown : status;
        }

        ApplyProtection(target.Start.Value, target.End.Value);
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
        _ = MemoryMap.ReserveAt((nuint)source.Start.Value, (nuint)source.LengthBytes);

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
