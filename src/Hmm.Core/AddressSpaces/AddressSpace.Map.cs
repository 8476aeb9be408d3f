using System;
using System.Runtime.ExceptionServices;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;

namespace Hmm.Core.AddressSpaces;

// mmap and munmap.
public sealed unsafe partial class AddressSpace
{
    private const ulong NoCeiling = 1UL << 63;

    /// <summary>Maps private anonymous memory at a fixed place, replacing what is there.</summary>
    /// <param name="range">Whole pages of user space.</param>
    /// <param name="protection">Permissions.</param>
    /// <returns>Success; Invalid (empty or misaligned range, or the process has exited); NoMemory (outside user space, or too many mappings).</returns>
    /// <remarks>Takes the address-space lock for writing. Costs nothing a page until touched. Source: mmap(2) with MAP_FIXED.</remarks>
    public HmmStatus MapAnonymous(VirtualRange range, Protection protection) => Map(range, protection, null, default);

    /// <summary>Maps shared anonymous memory: children see the same pages.</summary>
    /// <inheritdoc cref="MapAnonymous"/>
    public HmmStatus MapSharedAnonymous(VirtualRange range, Protection protection) =>
        Map(range, protection, () => new FileObject(Engine, range.PageCount, null, isDevice: false), VmaFlags.Shared | VmaFlags.MayShare);

    /// <summary>Maps a new file in memory (tmpfs) as long as the range.</summary>
    /// <param name="range">Whole pages of user space.</param>
    /// <param name="protection">Permissions.</param>
    /// <param name="isShared">Whether writes reach the file; otherwise they make private copies.</param>
    /// <param name="content">What the file holds.</param>
    /// <returns>As <see cref="MapAnonymous"/>.</returns>
    public HmmStatus MapFile(VirtualRange range, Protection protection, bool isShared, IFileContent content) =>
        Map(
            range, protection, () => new FileObject(Engine, range.PageCount, content, isDevice: false),
            isShared ? VmaFlags.Shared | VmaFlags.MayShare : VmaFlags.None);

    private static VmaFlags AccessFlags(Protection protection) => (VmaFlags)(int)protection & VmaFlags.Access;

    private static bool IsUserRange(VirtualRange range) =>
        range.End.Value <= PageConstants.UserSpaceEnd && range.Start.IsPageAligned && range.End.IsPageAligned;

    private HmmStatus Map(VirtualRange range, Protection protection, Func<FileObject>? file, VmaFlags kind)
    {
        if (range.IsEmpty || !range.Start.IsPageAligned || !range.End.IsPageAligned)
        {
            return HmmStatus.Invalid;
        }

        if (!IsUserRange(range))
        {
            return HmmStatus.NoMemory;
        }

        EnterWrite();
        try
        {
            return _isDead ? HmmStatus.Invalid : MapLocked(range.Start.Value, range.End.Value, protection, file?.Invoke(), kind, out _);
        }
        finally
        {
            LeaveWrite();
        }
    }

    private HmmStatus MapLocked(ulong start, ulong end, Protection protection, FileObject? file, VmaFlags kind, out Vma? mapped)
    {
        mapped = null;
        VmaFlags flags = AccessFlags(protection) | kind | VmaFlags.MayRead | VmaFlags.MayWrite | VmaFlags.MayExecute;
        if ((flags & (VmaFlags.Write | VmaFlags.Shared)) == VmaFlags.Write)
        {
            flags |= VmaFlags.Account;
        }

        HmmStatus status = UnmapLocked(start, end);
        if (status == HmmStatus.Success && Vmas.Count >= VmaList.CountMax)
        {
            status = HmmStatus.NoMemory;
        }

        if (status != HmmStatus.Success)
        {
            file?.Free();
            return status;
        }

        ulong offset = file == null ? start >> PageConstants.PageShift : 0;
        mapped = MergeNew(start, end, flags, file, offset);
        if (mapped == null)
        {
            mapped = new Vma(this, start, end, flags, file, offset);
            Link(mapped);
            Vmas.Insert(mapped);
        }

        return HmmStatus.Success;
    }

    private Vma? MergeNew(ulong start, ulong end, VmaFlags flags, FileObject? file, ulong offset)
    {
        Vma? previous = Vmas.Before(start);
        Vma? next = Vmas.AtOrAfter(start);
        bool mergeLeft = CanMergeAfter(previous, start, flags, file, offset, null);
        bool mergeRight = CanMergeBefore(next, start, end, flags, file, offset, null)
            && (!mergeLeft || CanMergeAnonVma(previous!.AnonVma, next!.AnonVma, null));
        if (mergeLeft && mergeRight)
        {
            AdoptFamilies(previous!, next!);
            ulong newEnd = next!.EndValue;
            Move(previous!, previous!.StartValue, newEnd);
            Detach(next);
        }
        else if (mergeLeft)
        {
            Move(previous!, previous!.StartValue, end);
        }
        else if (mergeRight)
        {
            Move(next!, start, next!.EndValue);
        }

        return mergeLeft ? previous : mergeRight ? next : null;
    }

    /// <summary>Unmaps a range; holes in it are no error.</summary>
    /// <param name="range">Whole pages of user space.</param>
    /// <returns>Success; Invalid (empty, misaligned or outside user space); NoMemory (too many mappings after a split).</returns>
    /// <remarks>Takes the address-space lock for writing; sends one UNMAP over the range. Device pages in it are freed. Source: munmap(2).</remarks>
    public HmmStatus Unmap(VirtualRange range)
    {
        if (range.IsEmpty || !IsUserRange(range))
        {
            return HmmStatus.Invalid;
        }

        EnterWrite();
        try
        {
            return UnmapLocked(range.Start.Value, range.End.Value);
        }
        finally
        {
            LeaveWrite();
        }
    }

    private HmmStatus UnmapLocked(ulong start, ulong end)
    {
        Vma? first = Vmas.AtOrAfter(start);
        if (first == null || first.StartValue >= end)
        {
            return HmmStatus.Success;
        }

        if (first.StartValue < start && !TrySplit(first, start, out _))
        {
            return HmmStatus.NoMemory;
        }

        Vma? last = Vmas.Find(end - 1);
        if (last != null && last.EndValue > end && !TrySplit(last, end, out _))
        {
            return HmmStatus.NoMemory;
        }

        int index = Vmas.IndexAtOrAfter(start);
        ulong floor = index > 0 ? Vmas[index - 1].EndValue : 0;
        int count = 0;
        while (index + count < Vmas.Count && Vmas[index + count].StartValue < end)
        {
            count++;
        }

        ulong ceiling = index + count < Vmas.Count ? Vmas[index + count].StartValue : NoCeiling;
        Vma[] gone = new Vma[count];
        for (int i = 0; i < count; i++)
        {
            gone[i] = Vmas[index];
            Vmas.Remove(gone[i]);
        }

        UnmapRegion(gone, floor, ceiling);
        return HmmStatus.Success;
    }

    private void UnmapRegion(Vma[] gone, ulong floor, ulong ceiling)
    {
        MmuNotifierRange notice = NotifyStart(gone[0].StartValue, gone[^1].EndValue, MmuNotifierEvent.Unmap);
        foreach (Vma vma in gone)
        {
            Zap.Range(vma, vma.StartValue, vma.EndValue, evenCopies: true);
        }

        NotifyEnd(notice);
        foreach (Vma vma in gone)
        {
            Unlink(vma);
        }

        // The neighbours within the region have gone too, so tables between two of them are free. An upper table is found only through
        // those above it, so all leaf tables go first.
        foreach (Vma vma in gone)
        {
            PageTable.FreeLeaves(vma.StartValue, vma.EndValue, floor, ceiling);
        }

        PageTable.FreeUpper(gone[0].StartValue, gone[^1].EndValue, floor, ceiling);

        foreach (Vma vma in gone)
        {
            PutFile(vma);
        }
    }

    /// <summary>The process exits: RELEASE to every notifier, then everything is unmapped.</summary>
    /// <remarks>Takes the address-space lock for writing. Notifiers stay allocated until their owners remove them. Harmless a second time, and after
    /// the engine was disposed: then only the notifiers are told. Source: exit_mmap.</remarks>
    public void Exit()
    {
        if (global::System.Threading.Interlocked.Exchange(ref _dying, 1) != 0)
        {
            return;
        }

        _isDead = true;
        ulong sequence = Notifiers.Sequence | 1;
        try
        {
            Notifiers.Release();
        }
        catch (Exception thrown)
        {
            CallbackFailures.Note(ExceptionDispatchInfo.Capture(thrown));
        }

        Engine.Observer?.Invalidated(
            this, new MmuNotifierRange(new VirtualRange(default, new VirtualAddress(ulong.MaxValue)), MmuNotifierEvent.Release), sequence);
        MmapLock.EnterWrite();
        try
        {
            if (!Engine.IsDisposed)
            {
                UnmapEverything();
            }
        }
        finally
        {
            LeaveWrite();
        }
    }

    private void UnmapEverything()
    {
        if (Vmas.Count > 0)
        {
            Vma[] gone = new Vma[Vmas.Count];
            for (int i = 0; i < gone.Length; i++)
            {
                gone[i] = Vmas[i];
            }

            Vmas.Clear();
            UnmapRegion(gone, 0, NoCeiling);
        }

        PageTable.FreeRoot();
    }
}
