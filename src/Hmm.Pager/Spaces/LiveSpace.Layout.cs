using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;

namespace Hmm.Pager.Spaces;

// Map, unmap, protect, remap: the engine's mappings and the real ones, in this order, so that the view never allows what the engine does not.
internal sealed partial class LiveSpace
{
    private const UserfaultfdModes Modes = UserfaultfdModes.Missing | UserfaultfdModes.Minor | UserfaultfdModes.WriteProtect;

    /// <summary>Maps fresh memory wherever there is room.</summary>
    /// <param name="length">Bytes, whole pages.</param>
    /// <param name="protection">Permissions.</param>
    /// <param name="isShared">Shared with children in the engine's eyes; its pages stay in RAM.</param>
    /// <param name="address">Where it is; a multiple of 2 MiB.</param>
    public HmmStatus Map(nuint length, Protection protection, bool isShared, out nuint address)
    {
        lock (_layout)
        {
            nint start = _isDisposed ? -Errno.EINVAL : _territory.Claim(length, (nuint)PageConstants.PmdSize);
            address = start < 0 ? 0 : (nuint)start;
            return start < 0 ? (HmmStatus)(int)start : MapLocked(address, address + length, protection, isShared);
        }
    }

    /// <summary>Maps fresh memory at a place, over what the space has there.</summary>
    /// <returns>As the engine's, or Exists: the process has something else there.</returns>
    public HmmStatus MapAt(VirtualRange range, Protection protection, bool isShared)
    {
        if (range.IsEmpty || !range.Start.IsPageAligned || !range.End.IsPageAligned)
        {
            return HmmStatus.Invalid;
        }

        if (range.End.Value > PageConstants.UserSpaceEnd)
        {
            return HmmStatus.NoMemory;
        }

        lock (_layout)
        {
            int claimed = _isDisposed ? -Errno.EINVAL : _territory.ClaimAt((nuint)range.Start.Value, (nuint)range.End.Value);
            return claimed < 0 ? (HmmStatus)claimed
                : MapLocked((nuint)range.Start.Value, (nuint)range.End.Value, protection, isShared);
        }
    }

    /// <summary>Unmaps a range; the addresses stay the space's, inaccessible.</summary>
    public HmmStatus Unmap(VirtualRange range)
    {
        lock (_layout)
        {
            HmmStatus status = Space.Unmap(range);
            if (status == HmmStatus.Success)
            {
                GiveUp(range.Start.Value, range.End.Value);
            }

            return status;
        }
    }

    /// <summary>Changes the permissions of a range.</summary>
    public HmmStatus Protect(VirtualRange range, Protection protection)
    {
        lock (_layout)
        {
            HmmStatus status = Space.Protect(range, protection);

            // Also where it failed: what lies before a hole has changed.
            ApplyProtection(range.Start.Value, range.End.Value);
            return status;
        }
    }

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

    private HmmStatus MapLocked(nuint start, nuint end, Protection protection, bool isShared)
    {
        VirtualRange range = new(new VirtualAddress(start), new VirtualAddress(end));
        Pfn home = _homeFrames.Take(range.PageCount, range.Start.PageNumber);
        if (home.IsNone)
        {
            return HmmStatus.NoMemory;
        }

        HmmStatus status = Space.Unmap(range);
        GiveUp(start, end);
        HomeSegment segment = new(start, end, home);
        Homes.Set(segment);
        status = status != HmmStatus.Success ? status
            : isShared ? Space.MapSharedAnonymous(range, protection) : Space.MapAnonymous(range, protection);
        if (status == HmmStatus.Success)
        {
            status = Show(segment, protection);
        }

        if (status != HmmStatus.Success)
        {
            _ = Space.Unmap(range);
            GiveUp(start, end);
        }

        return status;
    }

    // Inaccessible until it is registered: a touch in between would be served by the kernel, with zeros.
    private HmmStatus Show(HomeSegment segment, Protection protection)
    {
        long offset = PagerMachine.OffsetOf(segment.First);
        nint mapped = MemoryMap.MapShared((nuint)segment.Start, segment.Length, MemoryProtection.None, _machine.Frames, offset);
        nint result = mapped < 0 ? mapped : _descriptor.Register((nuint)segment.Start, segment.Length, Modes);
        if (result >= 0)
        {
            // A child would share the pages, and find zeros where they are elsewhere.
            _ = MemoryMap.Advise((nuint)segment.Start, segment.Length, MapAdvice.DontFork);
            result = MemoryMap.Protect((nuint)segment.Start, segment.Length, RealProtection(protection));
        }

        return result < 0 ? (HmmStatus)(int)result : HmmStatus.Success;
    }

    private HmmStatus RemapLocked(VirtualRange source, VirtualRange target)
    {
        ulong moved = Math.Min(source.LengthBytes, target.LengthBytes);
        ulong sourceEnd = source.Start.Value + moved;
        if (source.LengthBytes == 0 || source.Overlaps(target) || !source.Start.IsPageAligned || !source.End.IsPageAligned || target.IsEmpty)
        {
            // The engine knows which error that is; the rest of this method need not.
            return Space.Remap(source, target);
        }

        // What grows needs homes before the engine populates it.
        HomeSegment? tail = null;
        if (target.LengthBytes > moved)
        {
            ulong tailStart = target.Start.Value + moved;
            ulong pages = (target.LengthBytes - moved) >> PageConstants.PageShift;
            Pfn home = _homeFrames.Take(pages, tailStart >> PageConstants.PageShift);
            if (home.IsNone)
            {
                return HmmStatus.NoMemory;
            }

            tail = new HomeSegment(tailStart, target.End.Value, home);
        }

        _ = Space.Unmap(target);
        GiveUp(target.Start.Value, target.End.Value);
        var parts = Homes.Cut(source.Start.Value, sourceEnd);
        foreach (HomeSegment part in parts)
        {
            Homes.Set(part.MovedTo(part.Start - source.Start.Value + target.Start.Value));
        }

        if (tail is { } added)
        {
            Homes.Set(added);
        }

        HmmStatus status = Space.Remap(source, target);
        if (status != HmmStatus.Success)
        {
            Homes.Remove(target.Start.Value, target.Start.Value + moved);
            GiveUp(target.Start.Value, target.End.Value);
            return status;
        }

        Homes.Remove(source.Start.Value, sourceEnd);
        GiveUp(source.Start.Value, source.End.Value);
        _ = MemoryMap.ReserveAt((nuint)source.Start.Value, (nuint)source.LengthBytes);
        // Who waits in a mapping that goes away is not woken by that.
        _ = _descriptor.Wake((nuint)source.Start.Value, (nuint)source.LengthBytes);
        foreach (HomeSegment segment in Homes.Cut(target.Start.Value, target.End.Value))
        {
            // Mapped afresh at the same place of the file: there is nothing in the old mapping that a fault would not fill again.
            HmmStatus shown = Show(segment, Protection.None);
            status = status == HmmStatus.Success ? shown : status;
        }

        ApplyProtection(target.Start.Value, target.End.Value);
        return status;
    }

    // The engine has no mapping there any more; nor shall the process.
    private void GiveUp(ulong start, ulong end)
    {
        var gone = Homes.Cut(start, end);
        Homes.Remove(start, end);
        foreach (HomeSegment segment in gone)
        {
            _ = MemoryMap.ReserveAt((nuint)segment.Start, segment.Length);
            _ = _descriptor.Wake((nuint)segment.Start, segment.Length);
        }

        foreach (HomeSegment segment in gone)
        {
            _homeFrames.Return(segment.First, segment.PageCount);
        }
    }

    private void ApplyProtection(ulong start, ulong end)
    {
        Space.MmapLock.EnterRead();
        for (int i = 0; i < Space.VmaCount; i++)
        {
            VirtualRange range = Space.GetVma(i).Range;
            ulong from = Math.Max(start, range.Start.Value);
            ulong to = Math.Min(end, range.End.Value);
            if (from < to)
            {
                _ = MemoryMap.Protect((nuint)from, (nuint)(to - from), RealProtection(Space.GetVma(i).Flags));
            }
        }

        Space.MmapLock.ExitRead();
    }

    private static MemoryProtection RealProtection(Protection protection) => RealProtection((VmaFlags)(int)protection);

    // Execution is refused: memory files are not executable here. The engine's answers do not depend on it.
    private static MemoryProtection RealProtection(VmaFlags flags) =>
        ((flags & (VmaFlags.Read | VmaFlags.Execute)) != 0 ? MemoryProtection.Read : 0) | ((flags & VmaFlags.Write) != 0 ? MemoryProtection.Write : 0);
}
