using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Core.ReverseMapping;

/// <summary>From a frame to all entries that map it, in every process: unmapping for migration, for swap, for poison, and putting back.</summary>
/// <remarks>
/// The caller holds the folio's lock. A walk holds the root's gate for reading, announces the window of each mapping with CLEAR and no owner, and
/// then changes entries under their leaf lock. Callbacks of notifiers run inside, so a callback must not wait for an address-space lock.
/// </remarks>
internal static unsafe class ReverseMap
{
    /// <summary>Replaces every entry that maps the folio by a migration entry (the kernel's try_to_migrate).</summary>
    public static void TryToMigrate(MemorySystem engine, PageFrame* head)
    {
        RmapRoot? root = engine.Folios.RootOf(head);
        if (root == null)
        {
            return;
        }

        root.Gate.EnterRead();
        UnmapAll(engine, root, head, UnmapPurpose.Migrate);
        root.Gate.ExitRead();
    }

    /// <summary>Replaces entries by swap entries or, for memory that was lazily freed, by nothing (the kernel's try_to_unmap).</summary>
    public static void TryToUnmap(MemorySystem engine, PageFrame* head) => Unmap(engine, head, UnmapPurpose.Reclaim);

    /// <summary>Replaces entries by poison entries.</summary>
    public static void UnmapPoisoned(MemorySystem engine, PageFrame* head) => Unmap(engine, head, UnmapPurpose.Poison);

    /// <summary>Puts the present entries back that <see cref="TryToMigrate"/> took, for the old page or its successor.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="from">The folio that was unmapped.</param>
    /// <param name="to">The folio that takes its place; may be the same.</param>
    /// <param name="zeroFill">Whether small pages that hold only zeros are replaced by the zero page, as after splitting a huge page.</param>
    public static void RemoveMigrationEntries(MemorySystem engine, PageFrame* from, PageFrame* to, bool zeroFill)
    {
        RmapRoot? root = engine.Folios.RootOf(to);
        if (root == null)
        {
            return;
        }

        root.Gate.EnterRead();
        RemoveMigrationEntries(engine, root, from, to, zeroFill);
        root.Gate.ExitRead();
    }

    /// <summary>The same with the gate held by the caller.</summary>
    public static void RemoveMigrationEntries(MemorySystem engine, RmapRoot root, PageFrame* from, PageFrame* to, bool zeroFill)
    {
        for (int i = 0; i < root.Vmas.Count; i++)
        {
            Vma vma = root.Vmas[i];
            if (!RmapWindow.TryGet(vma, to, out RmapWindow window))
            {
                continue;
            }

            for (ulong address = window.Start; address < window.End; address += PageConstants.PageSize)
            {
                if (!PageTable.TryLockLeaf(vma.Space.PageTable.Find(address), address, out LeafSlot leaf))
                {
                    continue;
                }

                long offset = (long)(vma.IndexOf(address) - to->Index);
                Pte entry = leaf.Read();
                if (entry.IsMigration && entry.Pfn == (from + offset)->Pfn)
                {
                    PutBack(engine, vma, leaf, entry, to + offset, zeroFill);
                }

                leaf.Exit();
            }
        }
    }

    /// <summary>Finds an address that maps a page, or did before a migration that is under way.</summary>
    /// <returns>False if there is none.</returns>
    public static bool TryFindPlace(MemorySystem engine, PageFrame* page, out AddressSpace? space, out ulong address)
    {
        space = null;
        address = 0;
        RmapRoot? root = engine.Folios.RootOf(page);
        if (root == null)
        {
            return false;
        }

        root.Gate.EnterRead();
        for (int i = 0; i < root.Vmas.Count && space == null; i++)
        {
            Vma vma = root.Vmas[i];
            if (RmapWindow.TryGet(vma, page, out RmapWindow window) && Names(vma.Space, window.Start, page))
            {
                space = vma.Space;
                address = window.Start;
            }
        }

        root.Gate.ExitRead();
        return space != null;
    }

    private static bool Names(AddressSpace space, ulong address, PageFrame* page)
    {
        Pte entry = space.ReadEntry(new VirtualAddress(address));
        return (entry.IsPresent ? !entry.IsSpecial : entry.HasFrameInSwapEntry) && entry.Pfn == page->Pfn;
    }

    /// <summary>Unmaps with the gate held by the caller.</summary>
    internal static void UnmapAll(MemorySystem engine, RmapRoot root, PageFrame* head, UnmapPurpose purpose, bool isQuiet = false)
    {
        for (int i = 0; i < root.Vmas.Count && Folios.IsMapped(head); i++)
        {
            Vma vma = root.Vmas[i];
            if (!RmapWindow.TryGet(vma, head, out RmapWindow window))
            {
                continue;
            }

            if (head->IsLarge)
            {
                HugePages.SplitEntryAt(vma, window.Start);
            }

            MmuNotifierRange notice = isQuiet ? default : vma.Space.NotifyStart(window.Start, window.End, MmuNotifierEvent.Clear);
            bool goesOn = true;
            for (ulong address = window.Start; goesOn && address < window.End; address += PageConstants.PageSize)
            {
                if (PageTable.TryLockLeaf(vma.Space.PageTable.Find(address), address, out LeafSlot leaf))
                {
                    goesOn = UnmapOne(engine, vma, leaf, address, head, purpose);
                    leaf.Exit();
                }
            }

            if (!isQuiet)
            {
                vma.Space.NotifyEnd(notice);
            }

            if (!goesOn)
            {
                return;
            }
        }
    }

    private static void Unmap(MemorySystem engine, PageFrame* head, UnmapPurpose purpose)
    {
        RmapRoot? root = engine.Folios.RootOf(head);
        if (root != null)
        {
            root.Gate.EnterRead();
            UnmapAll(engine, root, head, purpose);
            root.Gate.ExitRead();
        }
    }

    private static bool IsOf(Pte entry, PageFrame* head)
    {
        bool mapsFrame = (entry.IsPresent && !entry.IsSpecial) || entry.IsDevicePrivate;
        ulong pages = head->IsLarge ? PageConstants.HugePages : 1UL;
        return mapsFrame && entry.Pfn.Value - head->SelfPfn < pages;
    }

    /// <returns>False if the page must stay mapped and the walk ends.</returns>
    private static bool UnmapOne(MemorySystem engine, Vma vma, LeafSlot leaf, ulong address, PageFrame* head, UnmapPurpose purpose)
    {
        Pte entry = leaf.Read();
        if (!IsOf(entry, head))
        {
            return true;
        }

        PageFrame* page = engine.Frames.Record(entry.Pfn);
        entry = leaf.Exchange(Pte.Empty);
        if (entry.IsPresent && entry.IsDirty)
        {
            head->Set(FrameFlags.Dirty);
        }

        Pte replacement = purpose switch
        {
            UnmapPurpose.Migrate => ForMigration(page, entry),
            UnmapPurpose.Poison => ForPoison(vma, head, page),
            _ => ForReclaim(engine, vma, head, page),
        };
        if (replacement.Value == Refused.Value)
        {
            leaf.Write(entry);
            return false;
        }

        leaf.Write(replacement);
        if (entry.IsPresent)
        {
            vma.Space.FlushMmu(address, address + PageConstants.PageSize);
        }

        Folios.RemoveRmap(page);
        // The caller's own reference keeps the folio.
        engine.Folios.Put(head);
        return true;
    }

    private static Pte Refused => new(ulong.MaxValue);

    private static Pte ForMigration(PageFrame* page, Pte entry)
    {
        bool anon = Folios.IsAnon(page);
        bool exclusive = anon && page->Has(FrameFlags.AnonExclusive);
        if (exclusive && Folios.IsPinned(Folios.Head(page)))
        {
            return Refused;
        }

        page->Clear(FrameFlags.AnonExclusive);
        bool writable = entry.IsPresent ? entry.IsWritable : entry.Kind == PteKind.DeviceWrite;
        PteKind kind = writable ? PteKind.MigrationWrite : exclusive ? PteKind.MigrationReadExclusive : PteKind.MigrationRead;
        return Pte.MakeKind(kind, page->Pfn).WithYoung(entry.IsYoung).WithDirty(entry.IsDirty);
    }

    private static Pte ForPoison(Vma vma, PageFrame* head, PageFrame* page)
    {
        vma.Space.CountPage(head, -1);
        return Pte.MakeKind(PteKind.HwPoison, page->Pfn);
    }

    private static Pte ForReclaim(MemorySystem engine, Vma vma, PageFrame* head, PageFrame* page)
    {
        if (!head->Has(FrameFlags.Anon))
        {
            vma.Space.CountFile(-1);
            return Pte.Empty;
        }

        if (!head->Has(FrameFlags.SwapBacked))
        {
            // Lazily freed: may go if nobody wrote to it since and nobody else holds it (one reference is reclaim's).
            bool mayGo = !head->Has(FrameFlags.Dirty) && Folios.RefCount(head) == 1 + Folios.MapCount(head);
            if (!mayGo)
            {
                head->Set(FrameFlags.SwapBacked);
                return Refused;
            }

            vma.Space.CountAnon(-1);
            return Pte.Empty;
        }

        bool exclusive = page->Has(FrameFlags.AnonExclusive);
        if (!head->Has(FrameFlags.SwapCache) || (exclusive && Folios.IsPinned(head)))
        {
            return Refused;
        }

        page->Clear(FrameFlags.AnonExclusive);
        uint slot = (uint)head->Private;
        engine.Swap.Duplicate(slot);
        vma.Space.CountAnon(-1);
        vma.Space.CountSwap(1);
        return Pte.MakeSwap(slot, exclusive);
    }

    /// <summary>Puts a present entry back if it is the only one of its page; the caller holds the leaf lock.</summary>
    /// <returns>False, with nothing done, if other entries may name the page, or this one does not.</returns>
    internal static bool TryPutOwnBack(MemorySystem engine, Vma vma, LeafSlot leaf, Pfn from, PageFrame* to)
    {
        Pte entry = leaf.Read();
        bool isOnly = entry.IsMigration && entry.Kind != PteKind.MigrationRead && entry.Pfn == from && to->Has(FrameFlags.Anon) && !to->IsLarge;
        if (isOnly)
        {
            PutBack(engine, vma, leaf, entry, to, zeroFill: false);
        }

        return isOnly;
    }

    private static void PutBack(MemorySystem engine, Vma vma, LeafSlot leaf, Pte entry, PageFrame* page, bool zeroFill)
    {
        PageFrame* head = Folios.Head(page);
        if (zeroFill && !vma.Is(VmaFlags.Locked) && IsZeroFilled(engine, page))
        {
            leaf.Write(Pte.Make(engine.ZeroPage, vma.IsProtNone).WithSpecial());
            vma.Space.CountPage(head, -1);
            return;
        }

        if (Folios.IsAnon(page) && entry.Kind != PteKind.MigrationRead)
        {
            page->Set(FrameFlags.AnonExclusive);
        }

        bool writable = entry.Kind == PteKind.MigrationWrite;
        Folios.Get(head);
        Folios.AddRmap(page);
        if (page->IsDevice)
        {
            leaf.Write(Pte.MakeKind(writable ? PteKind.DeviceWrite : PteKind.DeviceRead, page->Pfn));
            return;
        }

        leaf.Write(
            Pte.Make(page->Pfn, vma.IsProtNone).WithWrite(writable || vma.IsSharedWritable)
                .WithYoung(entry.IsYoung).WithDirty(entry.IsDirty && head->Has(FrameFlags.Dirty)));
    }

    private static bool IsZeroFilled(MemorySystem engine, PageFrame* page) =>
        Folios.IsAnon(page)
        && !new ReadOnlySpan<byte>(engine.Frames.Data(page), PageConstants.PageSize).ContainsAnyExcept((byte)0);
}
