using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;

namespace Hmm.Pager.Spaces;

// Map, unmap, protect: the engine's mappings and the real ones, in this order, so that the view never allows what the engine does not.
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
            HmmStatus status = start < 0 ? (HmmStatus)(int)start : MapLocked(address, address + length, protection, isShared);
            if (status != HmmStatus.Success)
            {
                _territory.Release(address);
            }

            return status;
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

    /// <summary>Unmaps all that was mapped at an address of the space's choice, and gives the addresses up: once they have rested, anybody may get them.</summary>
    /// <param name="start">What <see cref="Map"/> or <see cref="Remap"/> has answered, and was not given up or moved away from since.</param>
    /// <returns>Success; Invalid: that is no such address.</returns>
    public HmmStatus Release(nuint start)
    {
        lock (_layout)
        {
            if (!_territory.TryFindClaim(start, out nuint end))
            {
                return HmmStatus.Invalid;
            }

            HmmStatus status = Space.Unmap(new VirtualRange(new VirtualAddress(start), new VirtualAddress(end)));
            if (status == HmmStatus.Success)
            {
                GiveUp(start, end);
                _territory.Release(start);
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

    private HmmStatus MapLocked(nuint start, nuint end, Protection protection, bool isShared)
    {
        VirtualRange range = new(new VirtualAddress(start), new VirtualAddress(end));
        if (!_plan.EnsureRoom(start, end))
        {
            return HmmStatus.NoMemory;
        }

        HmmStatus status = Space.Unmap(range);
        GiveUp(start, end);
        bool hasHomes = isShared ? _plan.GiveFresh(start, end) : _plan.Give(start, end);
        status = !hasHomes ? HmmStatus.NoMemory
            : status != HmmStatus.Success ? status
            : isShared ? Space.MapSharedAnonymous(range, protection) : Space.MapAnonymous(range, protection);
        if (status == HmmStatus.Success && isShared)
        {
            _sharedHomes.Add(BackingAt(range.Start, out _)!, Homes.Find(start), range.PageCount);
        }

        status = status == HmmStatus.Success ? ShowAll(range, protection) : status;
        if (status != HmmStatus.Success)
        {
            _ = Space.Unmap(range);
            GiveUp(start, end);
        }

        return status;
    }

    private object? BackingAt(VirtualAddress address, out ulong page)
    {
        Space.MmapLock.EnterRead();
        Vma? vma = Space.FindVma(address);
        object? backing = vma?.Backing;
        page = vma?.BackingPage(address) ?? 0;
        Space.MmapLock.ExitRead();
        return backing;
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
            if (!_sharedHomes.Holds(segment.First))
            {
                _homeFrames.Return(segment.First, segment.PageCount);
            }
        }

        _sharedHomes.ReturnUnmapped(Space);
    }

    // What the engine has unmapped, though the call that did it failed in the end.
    private void GiveUpHoles(VirtualRange range)
    {
        List<(ulong Start, ulong End)> holes = [];
        ulong at = range.Start.Value;
        Space.MmapLock.EnterRead();
        for (int i = 0; i < Space.VmaCount && at < range.End.Value; i++)
        {
            VirtualRange mapped = Space.GetVma(i).Range;
            if (mapped.End.Value > at && mapped.Start.Value > at)
            {
                holes.Add((at, Math.Min(mapped.Start.Value, range.End.Value)));
            }

            at = Math.Max(at, mapped.End.Value);
        }

        Space.MmapLock.ExitRead();
        if (at < range.End.Value)
        {
            holes.Add((at, range.End.Value));
        }

        holes.ForEach(hole => GiveUp(hole.Start, hole.End));
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
