using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Migration;

namespace Hmm.Simulation.TestMirrors;

// Device memory: moving pages in and out, and exclusive access.
public sealed partial class TestMirror
{
    /// <summary>Moves a range from system memory to the device's.</summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="observer">Is told why a page did not move, or null.</param>
    /// <returns>Success; NoEntry if some page is not in the device's page table afterwards; Invalid at a hole or a mapping that cannot be
    /// migrated: pieces before it have moved.</returns>
    public HmmStatus MigrateToDevice(VirtualRange range, Action<VirtualAddress, MigrateRefusal>? observer = null)
    {
        HmmStatus status = Migrate(range, toDevice: true, observer, out _);
        if (status != HmmStatus.Success)
        {
            return status;
        }

        lock (_lock)
        {
            return ReadTableEntries(range, range.Start, range.End, null) == range.End ? HmmStatus.Success : HmmStatus.NoEntry;
        }
    }

    /// <summary>Moves what this device has of a range back to system memory.</summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="moved">How many pages moved.</param>
    /// <param name="observer">Is told why a page did not move, or null.</param>
    /// <returns>Success; Invalid at a hole or a mapping that cannot be migrated: pieces before it have moved.</returns>
    public HmmStatus MigrateToSystem(VirtualRange range, out long moved, Action<VirtualAddress, MigrateRefusal>? observer = null) =>
        Migrate(range, toDevice: false, observer, out moved);

    /// <summary>Takes exclusive access to a range.</summary>
    /// <param name="range">Whole pages.</param>
    /// <returns>Success, the pages then being in the device's page table, marked atomic; Busy for any refusal; Invalid (empty, or the process has
    /// exited).</returns>
    public HmmStatus MakeExclusive(VirtualRange range)
    {
        if (range.IsEmpty || Space.IsDead)
        {
            return HmmStatus.Invalid;
        }

        Span<Pfn> pages = stackalloc Pfn[PiecePages];
        HmmStatus status = HmmStatus.Success;
        Space.MmapLock.EnterRead();
        try
        {
            for (VirtualAddress at = range.Start; at < range.End && status == HmmStatus.Success; at = at.AddPages(PiecePages))
            {
                status = MakePieceExclusive(Piece(at, range.End), pages);
            }

            return status;
        }
        finally
        {
            Space.MmapLock.ExitRead();
        }
    }

    /// <summary>Copies a device page to a fresh system page and forgets its entry.</summary>
    /// <returns>False if system memory is out; page and entry stay then.</returns>
    internal bool TryCopyToSystem(MigratePfn source, VirtualAddress address, out MigratePfn target)
    {
        target = default;
        if (!MemorySystem.TryTakeLockedPage(Space, address, out Pfn copy))
        {
            return false;
        }

        Forget(address);
        Memory.FrameBytes(source.Pfn).CopyTo(Memory.FrameBytes(copy));
        target = MigratePfn.Target(copy, source.IsWritable);
        return true;
    }

    /// <summary>Takes a page out of the device's page table.</summary>
    internal void Forget(VirtualAddress address)
    {
        lock (_lock)
        {
            _table.Erase(address.PageNumber);
        }
    }

    private HmmStatus Migrate(VirtualRange range, bool toDevice, Action<VirtualAddress, MigrateRefusal>? observer, out long moved)
    {
        moved = 0;
        if (range.IsEmpty || Space.IsDead)
        {
            return HmmStatus.Invalid;
        }

        Space.MmapLock.EnterRead();
        try
        {
            return MigratePieces(range, toDevice, observer, ref moved);
        }
        finally
        {
            Space.MmapLock.ExitRead();
        }
    }

    private HmmStatus MigratePieces(
        VirtualRange range, bool toDevice, Action<VirtualAddress, MigrateRefusal>? observer, ref long moved)
    {
        HmmStatus status = HmmStatus.Success;
        VirtualAddress at = range.Start;
        while (at < range.End && status == HmmStatus.Success)
        {
            Vma? vma = Space.FindVma(at);
            if (vma == null || (vma.Flags & VmaFlags.Read) == 0)
            {
                status = HmmStatus.Invalid;
                break;
            }

            VirtualAddress end = vma.Range.End < range.End ? vma.Range.End : range.End;
            VirtualRange piece = Piece(at, end);
            status = MigratePiece(vma, piece, toDevice, observer, ref moved);
            at = piece.End;
        }

        return status;
    }

    private HmmStatus MigratePiece(
        Vma vma, VirtualRange piece, bool toDevice, Action<VirtualAddress, MigrateRefusal>? observer, ref long moved)
    {
        int pages = (int)piece.PageCount;
        Span<MigratePfn> source = stackalloc MigratePfn[PiecePages];
        Span<MigratePfn> target = stackalloc MigratePfn[PiecePages];
        Span<MigrateRefusal> refusals = stackalloc MigrateRefusal[PiecePages];
        MigrateVma migrate = new()
        {
            Vma = vma,
            Range = piece,
            Source = source[..pages],
            Target = target[..pages],
            Refusals = refusals[..pages],
            PagemapOwner = Device,
            Select = toDevice ? MigrateVmaSelect.System : MigrateVmaSelect.DevicePrivate,
        };
        HmmStatus status = migrate.Setup();
        if (status != HmmStatus.Success)
        {
            return status;
        }

        Span<(Pfn Pfn, MirrorTag Tag)> before = stackalloc (Pfn, MirrorTag)[PiecePages];
        before.Clear();
        if (toDevice)
        {
            ForgetMoving(ref migrate, before);
            CopyToDevice(ref migrate);
        }
        else
        {
            CopyToSystem(ref migrate);
        }

        migrate.MigratePages();
        if (toDevice)
        {
            EnterMoved(ref migrate, before);
        }

        moved += CountMoved(migrate.Source);
        migrate.FinalizeMigration();
        for (int i = 0; observer != null && i < pages; i++)
        {
            if (refusals[i] != MigrateRefusal.None)
            {
                observer(piece.Start.AddPages(i), refusals[i]);
            }
        }

        return HmmStatus.Success;
    }

    // A write by the device that comes between copying and moving would be lost: it must find no entry and wait for the migration.
    private void ForgetMoving(ref MigrateVma migrate, Span<(Pfn Pfn, MirrorTag Tag)> before)
    {
        lock (_lock)
        {
            for (int i = 0; i < migrate.Source.Length; i++)
            {
                ulong page = migrate.Range.Start.AddPages(i).PageNumber;
                if (migrate.Source[i].IsValid && migrate.Source[i].IsMigrating && _table.TryGet(page, out Pfn pfn, out MirrorTag tag))
                {
                    before[i] = (pfn, tag);
                    _table.Erase(page);
                }
            }
        }
    }

    private void CopyToDevice(ref MigrateVma migrate)
    {
        for (int i = 0; i < migrate.Source.Length; i++)
        {
            MigratePfn source = migrate.Source[i];
            if (!source.IsMigrating || !Device.Pagemap.TryTakePage(out Pfn page, _id))
            {
                continue;
            }

            if (source.IsValid)
            {
                Memory.FrameBytes(source.Pfn).CopyTo(Memory.FrameBytes(page));
            }
            else
            {
                Memory.FrameBytes(page).Clear();
            }

            bool writable = source.IsWritable || (!source.IsValid && (migrate.Vma.Flags & VmaFlags.Write) != 0);
            migrate.Target[i] = MigratePfn.Target(page, writable);
        }
    }

    private void CopyToSystem(ref MigrateVma migrate)
    {
        for (int i = 0; i < migrate.Source.Length; i++)
        {
            MigratePfn source = migrate.Source[i];
            if (source.IsValid && source.IsMigrating)
            {
                TryCopyToSystem(source, migrate.Range.Start.AddPages(i), out migrate.Target[i]);
            }
        }
    }

    // What was refused is still locked and comes back as it was, so the old entries are right again.
    private void EnterMoved(ref MigrateVma migrate, ReadOnlySpan<(Pfn Pfn, MirrorTag Tag)> before)
    {
        lock (_lock)
        {
            for (int i = 0; i < migrate.Source.Length; i++)
            {
                ulong page = migrate.Range.Start.AddPages(i).PageNumber;
                MigratePfn target = migrate.Target[i];
                if (migrate.Source[i].IsMigrating && target.IsValid)
                {
                    _table.Set(page, target.Pfn, target.IsWritable ? MirrorTag.Write : MirrorTag.Read);
                }
                else if (!before[i].Pfn.IsNone)
                {
                    _table.Set(page, before[i].Pfn, before[i].Tag);
                }
            }
        }
    }

    private static int CountMoved(ReadOnlySpan<MigratePfn> source)
    {
        int moved = 0;
        foreach (MigratePfn word in source)
        {
            moved += word.IsValid && word.IsMigrating ? 1 : 0;
        }

        return moved;
    }

    private HmmStatus MakePieceExclusive(VirtualRange piece, Span<Pfn> pages)
    {
        int wanted = (int)piece.PageCount;
        HmmStatus status = DeviceExclusiveAccess.MakeRange(Space, piece, pages[..wanted], null, out int taken);
        if (status != HmmStatus.Success)
        {
            return HmmStatus.Busy;
        }

        int entered = 0;
        lock (_lock)
        {
            for (int i = 0; taken == wanted && i < taken; i++)
            {
                if (!pages[i].IsNone)
                {
                    _table.Set(piece.Start.AddPages(i).PageNumber, pages[i], MirrorTag.Atomic);
                    entered++;
                }
            }
        }

        foreach (Pfn page in pages[..taken])
        {
            if (!page.IsNone)
            {
                Memory.UnlockAndPut(page);
            }
        }

        return entered == wanted ? HmmStatus.Success : HmmStatus.Busy;
    }
}
