using System;
using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Core.AddressSpaces;

// mprotect.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Changes the permissions of a range.</summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="protection">The new permissions.</param>
    /// <returns>Success; Invalid (misaligned); NoMemory (a hole in the range: what lies before it has changed; or too many mappings).</returns>
    /// <remarks>
    /// Takes the address-space lock for writing. Sends PROTECTION_VMA from the first populated part on, and nothing if the permissions stay
    /// as they are or nothing is populated. Entries of device memory lose the write permission and do not get it back. Source: mprotect(2).
    /// </remarks>
    public HmmStatus Protect(VirtualRange range, Protection protection)
    {
        if (!range.Start.IsPageAligned || !range.End.IsPageAligned)
        {
            return HmmStatus.Invalid;
        }

        if (range.IsEmpty)
        {
            return HmmStatus.Success;
        }

        EnterWrite();
        try
        {
            return ProtectLocked(range.Start.Value, range.End.Value, AccessFlags(protection));
        }
        finally
        {
            LeaveWrite();
        }
    }

    private HmmStatus ProtectLocked(ulong start, ulong end, VmaFlags access)
    {
        ulong at = start;
        while (at < end)
        {
            Vma? vma = Vmas.Find(at);
            if (vma == null)
            {
                return HmmStatus.NoMemory;
            }

            ulong pieceEnd = Math.Min(end, vma.EndValue);
            VmaFlags flags = (vma.Flags & ~VmaFlags.Access) | access;
            if (flags != vma.Flags && !ProtectPiece(vma, at, pieceEnd, flags))
            {
                return HmmStatus.NoMemory;
            }

            at = pieceEnd;
        }

        return HmmStatus.Success;
    }

    private bool ProtectPiece(Vma vma, ulong start, ulong end, VmaFlags flags)
    {
        VmaFlags before = vma.Flags;
        bool promised = (before & (VmaFlags.Account | VmaFlags.Write | VmaFlags.Shared)) != 0;
        if ((flags & VmaFlags.Write) != 0)
        {
            flags |= promised ? VmaFlags.None : VmaFlags.Account;
        }
        else if ((before & VmaFlags.Account) != 0 && vma.IsAnonymous && vma.AnonVma == null)
        {
            flags &= ~VmaFlags.Account;
        }

        Vma? changed = ModifyFlags(vma, start, end, flags);
        if (changed == null)
        {
            return false;
        }

        ChangeProtection(changed, start, end);
        bool mustCopyNow = (before & (VmaFlags.Write | VmaFlags.Shared | VmaFlags.Locked)) == VmaFlags.Locked
            && (flags & VmaFlags.Write) != 0;
        if (mustCopyNow)
        {
            PopulateForLock(changed, start, end);
        }

        return true;
    }

    private void ChangeProtection(Vma vma, ulong start, ulong end)
    {
        // Each entry of the top level is announced by itself: from its first populated part to the end of what it maps.
        ulong announcedEnd = 0;
        MmuNotifierRange notice = default;
        PageTableCursor cursor = new(PageTable, start, end);
        while (cursor.MoveNext())
        {
            if (cursor.Pmd.IsMissing)
            {
                continue;
            }

            if (cursor.Start >= announcedEnd)
            {
                if (announcedEnd != 0)
                {
                    NotifyEnd(notice);
                }

                ulong topEnd = (cursor.Start | ((1UL << PageConstants.PgdShift) - 1)) + 1;
                announcedEnd = Math.Min(end, topEnd);
                notice = NotifyStart(cursor.Start, announcedEnd, MmuNotifierEvent.ProtectionVma);
            }

            ChangePiece(vma, cursor);
        }

        if (announcedEnd != 0)
        {
            NotifyEnd(notice);
        }
    }

    private void ChangePiece(Vma vma, PageTableCursor cursor)
    {
        if (cursor.Pmd.Read().IsHuge)
        {
            if (cursor.End - cursor.Start == PageConstants.PmdSize)
            {
                ChangeHuge(vma, cursor.Pmd, cursor.Start);
                return;
            }

            HugePages.SplitEntry(vma, cursor.Pmd, cursor.Start);
        }

        if (!PageTable.TryLockLeaf(cursor.Pmd, cursor.Start, out LeafSlot leaf))
        {
            return;
        }

        ulong* word = leaf.Word;
        for (ulong address = cursor.Start; address < cursor.End; address += PageConstants.PageSize, word++)
        {
            Pte entry = Pte.Read(word);
            if (entry.IsPresent)
            {
                entry = Pte.Exchange(word, Pte.Empty);
                Pte.Write(word, WithProtection(vma, entry));
            }
            else if (!entry.IsNone)
            {
                Pte.Write(word, WithoutWrite(Engine, entry));
            }
        }

        Revoke(vma, cursor.Start, cursor.End);
        leaf.Exit();
    }

    // What the new permissions give is found out by faults.
    private void Revoke(Vma vma, ulong start, ulong end)
    {
        if (vma.IsProtNone)
        {
            FlushMmu(start, end);
        }
        else
        {
            RevokeWriteInMmu(start, end);
        }
    }

    private void ChangeHuge(Vma vma, PmdSlot pmd, ulong start)
    {
        pmd.Enter();
        Pte entry = pmd.Read();
        if (entry.IsHuge)
        {
            entry = Pte.Exchange(pmd.Word, Pte.Empty);
            Pte.Write(pmd.Word, WithProtection(vma, entry));
            Revoke(vma, start, start + PageConstants.PmdSize);
        }

        pmd.Exit();
    }

    // A private page that is this process's own becomes writable at once; others wait for a fault that copies.
    private Pte WithProtection(Vma vma, Pte entry)
    {
        bool own = !vma.Is(VmaFlags.Shared) && vma.Is(VmaFlags.Write) && !entry.IsSpecial && IsOwn(entry);
        return entry.WithProtNone(vma.IsProtNone).WithWrite(vma.IsSharedWritable || own);
    }

    private bool IsOwn(Pte entry)
    {
        PageFrame* page = Engine.Frames.Record(entry.Pfn);
        return Folios.IsAnon(page) && page->Has(FrameFlags.AnonExclusive);
    }

    // Any change of permissions takes the write permission from entries that are not present, and none gives it back.
    private static Pte WithoutWrite(MemorySystem engine, Pte entry) => entry.Kind switch
    {
        PteKind.MigrationWrite => entry.WithKind(
            Folios.IsAnon(engine.Frames.Record(entry.Pfn)) ? PteKind.MigrationReadExclusive : PteKind.MigrationRead),
        PteKind.DeviceWrite => entry.WithKind(PteKind.DeviceRead),
        PteKind.DeviceExclusiveWrite => entry.WithKind(PteKind.DeviceExclusiveRead),
        _ => entry,
    };
}
