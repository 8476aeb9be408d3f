using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.Migration;

/// <summary>First step of a migration: takes the range's own entries and puts migration entries in their place.</summary>
internal readonly ref struct MigrationCollector
{
    private readonly MemorySystem _engine;
    private readonly Vma _vma;
    private readonly ulong _start;
    private readonly ulong _end;
    private readonly MigrateVmaSelect _select;
    private readonly object? _owner;
    private readonly MigrationView _view;

    public MigrationCollector(ref MigrateVma migrate)
    {
        _vma = migrate.Vma;
        _engine = _vma.Space.Engine;
        _start = migrate.Range.Start.Value;
        _end = migrate.Range.End.Value;
        _select = migrate.Select;
        _owner = migrate.PagemapOwner;
        int pages = (int)migrate.Range.PageCount;
        if (!migrate.Refusals.IsEmpty)
        {
            migrate.Refusals[..pages].Clear();
        }

        _view = new MigrationView(_vma.Space, _start, migrate.Source[..pages], migrate.Target[..pages], migrate.Refusals);
    }

    public void Collect()
    {
        PageTableCursor cursor = new(_vma.Space.PageTable, _start, _end);
        while (cursor.MoveNext())
        {
            if (cursor.IsHole)
            {
                CollectHole(cursor.Start, cursor.End);
            }
            else if (cursor.Pmd.Read().IsHuge && !TrySplitHuge(cursor.Pmd, cursor.Start))
            {
                for (ulong at = cursor.Start; at < cursor.End; at += PageConstants.PageSize)
                {
                    _view.Note(_engine, IndexOf(at), MigrateRefusal.CannotSplit);
                }
            }
            else
            {
                CollectSmall(cursor);
            }
        }
    }

    private bool SplitsHuge => (_select & MigrateVmaSelect.SplitHuge) != 0;

    private int IndexOf(ulong address) => (int)((address - _start) >> PageConstants.PageShift);

    private void CollectHole(ulong start, ulong end)
    {
        for (ulong at = start; at < end; at += PageConstants.PageSize)
        {
            CollectEmpty(at);
        }
    }

    // An empty slot of anonymous memory may be populated, whatever was selected.
    private void CollectEmpty(ulong address)
    {
        if ((_select & MigrateVmaSelect.IdleOnly) != 0)
        {
            _view.Note(_engine, IndexOf(address), MigrateRefusal.NotSelected);
        }
        else if (_vma.IsAnonymous)
        {
            _view.Source[IndexOf(address)] = MigratePfn.EmptySlot;
        }
        else
        {
            _view.Note(_engine, IndexOf(address), MigrateRefusal.HoleInFile);
        }
    }

    private unsafe bool TrySplitHuge(PmdSlot pmd, ulong address)
    {
        pmd.Enter();
        Pte entry = pmd.Read();
        if (!entry.IsHuge || entry.IsSpecial)
        {
            pmd.Exit();
            if (entry.IsHuge)
            {
                HugePages.SplitEntry(_vma, pmd, address);
            }

            return true;
        }

        PageFrame* head = _engine.Frames.Record(entry.Pfn);
        Folios.Get(head);
        pmd.Exit();
        bool split = FolioSplitter.TryLockAndSplit(_engine, head);
        _engine.Folios.Put(head);
        // Somebody else may have split it, or its entry, meanwhile.
        return split || !pmd.Read().IsHuge;
    }

    private unsafe void CollectSmall(PageTableCursor cursor)
    {
        ulong address = cursor.Start;
        while (address < cursor.End)
        {
            address = CollectLeaf(cursor.Pmd, address, cursor.End, out PageFrame* large);
            if (large == null)
            {
                continue;
            }

            bool split = FolioSplitter.TryLockAndSplit(_engine, large);
            _engine.Folios.Put(split ? large : Folios.Head(large));
            if (!split)
            {
                _view.Note(_engine, IndexOf(address), MigrateRefusal.CannotSplit);
                address += PageConstants.PageSize;
            }
        }
    }

    /// <summary>Collects up to the end, or up to a page whose huge page has to be split first; that one is returned with a reference.</summary>
    private unsafe ulong CollectLeaf(PmdSlot pmd, ulong start, ulong end, out PageFrame* large)
    {
        large = null;
        if (!PageTable.TryLockLeaf(pmd, start, out LeafSlot leaf))
        {
            return end;
        }

        ulong flushStart = ulong.MaxValue;
        ulong flushEnd = 0;
        ulong* word = leaf.Word;
        ulong address = start;
        for (; address < end; address += PageConstants.PageSize, word++)
        {
            Pte entry = Pte.Read(word);
            if (entry.IsNone)
            {
                CollectEmpty(address);
                continue;
            }

            MigrateRefusal reason = CollectEntry(word, entry, IndexOf(address));
            if (reason == MigrateRefusal.PartOfHugePage && SplitsHuge)
            {
                large = _engine.Frames.Record(entry.Pfn);
                Folios.Get(Folios.Head(large));
                break;
            }

            if (reason != MigrateRefusal.None)
            {
                _view.Note(_engine, IndexOf(address), reason);
            }
            else if (entry.IsPresent && !entry.IsSpecial && entry.IsYoung)
            {
                flushStart = Math.Min(flushStart, address);
                flushEnd = address + PageConstants.PageSize;
            }
        }

        if (flushStart < flushEnd)
        {
            _vma.Space.FlushMmu(flushStart, flushEnd);
        }

        leaf.Exit();
        return address;
    }

    private unsafe MigrateRefusal CollectEntry(ulong* word, Pte entry, int index)
    {
        bool system = (_select & MigrateVmaSelect.System) != 0;
        if ((_select & MigrateVmaSelect.IdleOnly) != 0 && entry.IsPresent && (entry.IsYoung || entry.IsSpecial))
        {
            return MigrateRefusal.NotSelected;
        }

        if (entry.IsPresent && entry.IsSpecial)
        {
            if (!system)
            {
                return MigrateRefusal.NotSelected;
            }

            _view.Source[index] = MigratePfn.EmptySlot;
            return MigrateRefusal.None;
        }

        if (!entry.IsPresent && !entry.IsDevicePrivate)
        {
            return entry.Kind switch
            {
                PteKind.Swap => MigrateRefusal.Swapped,
                PteKind.HwPoison => MigrateRefusal.Poisoned,
                PteKind.DeviceExclusiveRead or PteKind.DeviceExclusiveWrite => MigrateRefusal.DeviceExclusive,
                _ => MigrateRefusal.UnderMigration,
            };
        }

        PageFrame* page = _engine.Frames.Record(entry.Pfn);
        if (entry.IsPresent ? !system : (_select & MigrateVmaSelect.DevicePrivate) == 0)
        {
            return MigrateRefusal.NotSelected;
        }

        if (!entry.IsPresent && _engine.Pagemaps[page->PagemapId].Owner != _owner)
        {
            return MigrateRefusal.OtherOwner;
        }

        return Take(word, entry, page, index);
    }

    private unsafe MigrateRefusal Take(ulong* word, Pte entry, PageFrame* page, int index)
    {
        if (page->IsLarge || (page->CountsAsLarge && !SplitsHuge))
        {
            return MigrateRefusal.PartOfHugePage;
        }

        // What was split quietly needs no second split.
        FolioSplitter.Forget(page);

        if (page->MappingId == 0)
        {
            return MigrateRefusal.NoNormalPage;
        }

        // Never sleeps on the lock: two migrations could wait for each other.
        if (!FolioLock.TryEnter(page))
        {
            return MigrateRefusal.Locked;
        }

        bool exclusive = page->Has(FrameFlags.Anon) && page->Has(FrameFlags.AnonExclusive);
        if (exclusive && Folios.IsPinned(page))
        {
            FolioLock.Exit(page);
            return MigrateRefusal.Pinned;
        }

        // The reference of the entry becomes the migration's.
        entry = Pte.Exchange(word, Pte.Empty);
        page->Clear(FrameFlags.AnonExclusive);
        if (entry.IsPresent && entry.IsDirty)
        {
            page->Set(FrameFlags.Dirty);
        }

        bool writable = entry.IsPresent ? entry.IsWritable : entry.Kind == PteKind.DeviceWrite;
        PteKind kind = writable ? PteKind.MigrationWrite : exclusive ? PteKind.MigrationReadExclusive : PteKind.MigrationRead;
        Pte.Write(word, Pte.MakeKind(kind, entry.Pfn).WithYoung(entry.IsPresent && entry.IsYoung).WithDirty(entry.IsPresent && entry.IsDirty));
        Folios.RemoveRmap(page);
        _view.Source[index] = MigratePfn.Source(entry.Pfn, writable);
        return MigrateRefusal.None;
    }
}
