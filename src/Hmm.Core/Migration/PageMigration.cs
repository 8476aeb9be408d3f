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
    public static void Finish(MemorySystem engine, MigrationView view)
    {
        for (int i = 0; i < view.Source.Length; i++)
        {
            MigratePfn source = view.Source[i];
            PageFrame* target = view.Target[i].IsValid ? engine.Frames.Record(view.Target[i].Pfn) : null;
            if (source.IsValid)
            {
                PageFrame* page = engine.Frames.Record(source.Pfn);
                PageFrame* winner = source.IsMigrating && target != null ? target : page;
                if (winner == target && !target->IsDevice)
                {
                    target->Set(FrameFlags.Lru);
                }

                ReverseMap.RemoveMigrationEntries(engine, page, winner, zeroFill: false);
                FolioLock.Exit(page);
                engine.Folios.Put(page);
            }

            if (target != null)
            {
                FolioLock.Exit(target);
                engine.Folios.Put(target);
            }
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
