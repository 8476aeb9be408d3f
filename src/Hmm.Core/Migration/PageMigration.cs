using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.Migration;

/// <summary>The steps that migrations of mappings and of bare device frames share: unmap everywhere, commit, finish.</summary>
/// <remarks>INV-06: between unmap and finish a page is locked and referenced by the migration, and every entry that mapped it is a migration entry,
/// so whoever touches it waits for the lock.</remarks>
internal static unsafe class PageMigration
{
    private const int BatchPages = 64;

    /// <summary>Unmaps collected pages in all processes and refuses those that somebody holds.</summary>
    /// <returns>How many pages and empty slots can still move.</returns>
    public static int Unmap(MemorySystem engine, MigrationView view, Pfn faultPage)
    {
        int candidates = 0;
        int refused = 0;
        for (int i = 0; i < view.Source.Length; i++)
        {
            MigratePfn source = view.Source[i];
            if (!source.IsValid)
            {
                candidates += source.IsMigrating ? 1 : 0;
                continue;
            }

            MigrateRefusal reason = UnmapPage(engine, engine.Frames.Record(source.Pfn), faultPage);
            if (reason == MigrateRefusal.None)
            {
                candidates++;
            }
            else
            {
                view.Refuse(engine, i, reason);
                refused++;
            }
        }

        for (int i = 0; refused > 0 && i < view.Source.Length; i++)
        {
            MigratePfn source = view.Source[i];
            if (source.IsValid && !source.IsMigrating)
            {
                PageFrame* page = engine.Frames.Record(source.Pfn);
                ReverseMap.RemoveMigrationEntries(engine, page, page, zeroFill: false);
                view.Source[i] = default;
                FolioLock.Exit(page);
                engine.Folios.Put(page);
                refused--;
            }
        }

        return candidates;
    }

    /// <summary>Makes the targets the memory of the addresses.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="view">The arrays.</param>
    /// <param name="faultPage">The device page whose fault is served, or none.</param>
    /// <param name="vma">The mapping whose empty slots may be populated, or null.</param>
    /// <param name="owner">Carried by the notification of populating.</param>
    public static void Commit(MemorySystem engine, MigrationView view, Pfn faultPage, Vma? vma, object? owner)
    {
        bool announced = false;
        MmuNotifierRange notice = default;
        for (int i = 0; i < view.Source.Length; i++)
        {
            MigratePfn source = view.Source[i];
            if (!source.IsMigrating)
            {
                continue;
            }

            if (!view.Target[i].IsValid)
            {
                view.Refuse(engine, i, MigrateRefusal.NoTarget);
                continue;
            }

            PageFrame* target = engine.Frames.Record(view.Target[i].Pfn);
            if (source.IsValid)
            {
                MigrateRefusal reason = MovePage(engine, engine.Frames.Record(source.Pfn), target, faultPage);
                if (reason != MigrateRefusal.None)
                {
                    view.Refuse(engine, i, reason);
                    continue;
                }
            }
            else
            {
                if (!announced)
                {
                    ulong end = view.AddressOf(view.Source.Length).Value;
                    notice = vma!.Space.NotifyStart(view.AddressOf(i).Value, end, MmuNotifierEvent.Migrate, owner);
                    announced = true;
                }

                if (!TryPopulate(vma!, view.AddressOf(i).Value, target))
                {
                    view.Refuse(engine, i, MigrateRefusal.HoleChanged);
                    continue;
                }
            }

            engine.Observer?.Migrated(view.Space, view.AddressOf(i), source.Pfn, target->Pfn);
        }

        if (announced)
        {
            vma!.Space.NotifyEnd(notice);
        }
    }

    /// <summary>Puts entries back and lets go of every page.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="view">The arrays.</param>
    /// <param name="vma">The mapping, or null for bare frames.</param>
    public static void Finish(MemorySystem engine, MigrationView view, Vma? vma)
    {
        for (int start = 0; start < view.Source.Length; start += BatchPages)
        {
            int count = Math.Min(BatchPages, view.Source.Length - start);
            ulong done = vma == null ? 0 : PutOwnBack(engine, view, vma, start, count);
            for (int i = 0; i < count; i++)
            {
                FinishPage(engine, view, start + i, (done & (1UL << i)) != 0);
            }
        }
    }

    // A page that only this process maps has its one entry where it was collected: no walk over the reverse mapping is needed. The mapping cannot
    // move, nor be shared by a fork, while the migration holds the address-space lock.
    private static ulong PutOwnBack(MemorySystem engine, MigrationView view, Vma vma, int start, int count)
    {
        ulong done = 0;
        int i = 0;
        while (i < count)
        {
            ulong address = view.AddressOf(start + i).Value;
            int inTable = PageConstants.EntriesPerTable - (int)((address >> PageConstants.PageShift) & (PageConstants.EntriesPerTable - 1));
            int end = Math.Min(count, i + inTable);
            if (!PageTable.TryLockLeaf(vma.Space.PageTable.Find(address), address, out LeafSlot leaf))
            {
                i = end;
                continue;
            }

            for (int first = i; i < end; i++)
            {
                MigratePfn source = view.Source[start + i];
                if (source.IsValid && ReverseMap.TryPutOwnBack(engine, vma, leaf.At(i - first), source.Pfn, WinnerOf(engine, view, start + i)))
                {
                    done |= 1UL << i;
                }
            }

            leaf.Exit();
        }

        return done;
    }

    private static PageFrame* WinnerOf(MemorySystem engine, MigrationView view, int index)
    {
        MigratePfn source = view.Source[index];
        bool moved = source.IsMigrating && view.Target[index].IsValid;
        return engine.Frames.Record(moved ? view.Target[index].Pfn : source.Pfn);
    }

    private static void FinishPage(MemorySystem engine, MigrationView view, int index, bool isPutBack)
    {
        MigratePfn source = view.Source[index];
        PageFrame* target = view.Target[index].IsValid ? engine.Frames.Record(view.Target[index].Pfn) : null;
        if (source.IsValid)
        {
            PageFrame* page = engine.Frames.Record(source.Pfn);
            PageFrame* winner = WinnerOf(engine, view, index);
            if (winner == target && !target->IsDevice)
            {
                target->Set(FrameFlags.Lru);
            }

            if (!isPutBack)
            {
                ReverseMap.RemoveMigrationEntries(engine, page, winner, zeroFill: false);
            }

            FolioLock.Exit(page);
            engine.Folios.Put(page);
        }

        if (target != null)
        {
            FolioLock.Exit(target);
            engine.Folios.Put(target);
        }
    }

    private static MigrateRefusal UnmapPage(MemorySystem engine, PageFrame* page, Pfn faultPage)
    {
        if (!page->IsDevice && !page->Has(FrameFlags.Lru))
        {
            return MigrateRefusal.NotIsolated;
        }

        if (Folios.IsMapped(page))
        {
            ReverseMap.TryToMigrate(engine, page);
        }

        if (Folios.IsMapped(page))
        {
            return MigrateRefusal.StillMapped;
        }

        // Expected references: the migration's, the fault's, one more that Linux allows device pages, the cache's of a file or of swap.
        int expected = 1 + (page->Pfn == faultPage ? 1 : 0) + (page->IsDevice ? 1 : 0) + CacheReferences(page);
        return Folios.RefCount(page) > expected ? MigrateRefusal.ExtraReference : MigrateRefusal.None;
    }

    private static int CacheReferences(PageFrame* page) => page->Has(FrameFlags.SwapCache) || !page->Has(FrameFlags.Anon) ? 1 : 0;

    private static MigrateRefusal MovePage(MemorySystem engine, PageFrame* page, PageFrame* target, Pfn faultPage)
    {
        if (target->IsDevice)
        {
            if (!page->Has(FrameFlags.Anon))
            {
                return MigrateRefusal.FilePage;
            }

            if (!engine.Folios.TryFreeSwap(page))
            {
                return MigrateRefusal.SwapSlotShared;
            }
        }
        else if (!page->Has(FrameFlags.Anon) || page->Has(FrameFlags.SwapCache))
        {
            // Moving cached pages within system memory is compaction's business, which the engine does not have.
            return MigrateRefusal.FilePage;
        }

        int expected = 1 + (page->Pfn == faultPage ? 1 : 0);
        if (Folios.RefCount(page) != expected)
        {
            return MigrateRefusal.ExtraReference;
        }

        Folios.MoveIdentity(page, target);
        return MigrateRefusal.None;
    }

    private static bool TryPopulate(Vma vma, ulong address, PageFrame* target)
    {
        AddressSpace space = vma.Space;
        PmdSlot pmd = space.PageTable.Ensure(address);
        if (!vma.IsAnonymous || !space.PageTable.EnsureLeaf(pmd))
        {
            return false;
        }

        space.PrepareAnonVma(vma);
        if (!PageTable.TryLockLeaf(pmd, address, out LeafSlot leaf))
        {
            return false;
        }

        Pte there = leaf.Read();
        bool free = there.IsNone || (there.IsPresent && there.IsSpecial);
        if (free)
        {
            bool writable = vma.Is(VmaFlags.Write);
            space.Engine.Folios.AddNewAnon(target, vma, address);
            Folios.Get(target);
            space.CountAnon(1);
            leaf.Write(EntryOf(vma, target, writable));
            if (there.IsPresent)
            {
                space.FlushMmu(address, address + PageConstants.PageSize);
            }
        }

        leaf.Exit();
        return free;
    }

    private static Pte EntryOf(Vma vma, PageFrame* target, bool writable)
    {
        if (target->IsDevice)
        {
            // Device pages that were used before keep their dirty mark on Linux, and recordings show it when such a page fails later.
            target->Clear(FrameFlags.Lru);
            target->Set(FrameFlags.Dirty);
            return Pte.MakeKind(writable ? PteKind.DeviceWrite : PteKind.DeviceRead, target->Pfn);
        }

        Pte present = Pte.Make(target->Pfn, vma.IsProtNone);
        return writable ? present.WithWriteDirty() : present;
    }
}
