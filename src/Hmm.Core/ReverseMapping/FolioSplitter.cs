using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Locking;

namespace Hmm.Core.ReverseMapping;

/// <summary>Splits a huge folio into 512 small pages (the kernel's split_folio).</summary>
internal static unsafe class FolioSplitter
{
    /// <summary>Splits; the caller holds the folio's lock and one reference beside those of the entries, and keeps both on the page it holds.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="keep">A page of the folio: it stays locked and referenced.</param>
    /// <param name="isQuiet">Every page stays what and where it is, and nobody is told.</param>
    /// <returns>False, with nothing changed but huge entries split, if somebody else holds a reference.</returns>
    /// <remarks>Small pages that hold only zeros become the zero page, except in locked memory. Sends CLEAR over each mapping's part.</remarks>
    public static bool TrySplit(MemorySystem engine, PageFrame* keep, bool isQuiet = false)
    {
        PageFrame* head = Folios.Head(keep);
        RmapRoot? root = engine.Folios.RootOf(head);
        if (root == null || !head->IsLarge || !head->Has(FrameFlags.Anon) || head->IsReserved)
        {
            return false;
        }

        root.Gate.EnterWrite();
        // A split that nobody hears of leaves devices what they have exclusively.
        ExclusiveHold exclusive = isQuiet ? ExclusiveHold.Find(root, head) : default;
        if (!CanSplit(head, exclusive.Count))
        {
            root.Gate.ExitWrite();
            return false;
        }

        ReverseMap.UnmapAll(engine, root, head, UnmapPurpose.Migrate, isQuiet);
        exclusive.Lock();
        int references = 1 + exclusive.Count;
        bool split = !Folios.IsMapped(head)
            && Interlocked.CompareExchange(ref head->RefCount, 0, references) == references;
        if (split)
        {
            MakeSmall(engine, (AnonVma)root, head, isQuiet);
            exclusive.Share();
        }

        exclusive.Unlock();
        if (split)
        {
            for (int i = 0; i < PageConstants.HugePages; i++)
            {
                ReverseMap.RemoveMigrationEntries(engine, root, head + i, head + i, zeroFill: !isQuiet);
            }
        }
        else
        {
            ReverseMap.RemoveMigrationEntries(engine, root, head, head, zeroFill: false);
        }

        root.Gate.ExitWrite();
        for (int i = 0; split && i < PageConstants.HugePages; i++)
        {
            if (head + i != keep)
            {
                FolioLock.Exit(head + i);
                engine.Folios.Put(head + i);
            }
        }

        return split;
    }

    /// <summary>Takes a reference and the lock, splits, and lets go of both; the caller knows that the folio is mapped.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="page">A page of the folio that the caller holds a reference on; the reference is on this page afterwards.</param>
    /// <param name="isQuiet">Every page stays what and where it is, and nobody is told.</param>
    public static bool TryLockAndSplit(MemorySystem engine, PageFrame* page, bool isQuiet = false)
    {
        PageFrame* head = Folios.Head(page);
        if (!FolioLock.TryEnter(head))
        {
            return false;
        }

        return LockedSplit(engine, head, page, isQuiet);
    }

    /// <summary>Splits the folio whose head the caller has locked, and unlocks what is locked afterwards.</summary>
    /// <returns>True if the page is a small one now; false also if the folio was split before the lock was taken, by somebody else.</returns>
    public static bool LockedSplit(MemorySystem engine, PageFrame* head, PageFrame* page, bool isQuiet = false)
    {
        if (Folios.Head(page) != head)
        {
            FolioLock.Exit(head);
            return false;
        }

        bool split = TrySplit(engine, page, isQuiet);
        FolioLock.Exit(split ? page : head);
        return split;
    }

    /// <summary>If the page comes of a quiet split: from now on it and its sisters are small ones to devices too.</summary>
    public static void Forget(PageFrame* page)
    {
        if (!page->Has(FrameFlags.Former))
        {
            return;
        }

        PageFrame* head = page - (page->SelfPfn & (PageConstants.HugePages - 1));
        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            if (head[i].Has(FrameFlags.Former))
            {
                head[i].Clear(FrameFlags.Former);
            }
        }
    }

    private static bool CanSplit(PageFrame* head, int exclusive) =>
        Folios.MapCount(head) == Folios.RefCount(head) - 1 - exclusive && !Folios.IsPinned(head);

    private static void MakeSmall(MemorySystem engine, AnonVma family, PageFrame* head, bool isQuiet)
    {
        FrameFlags kept = head->Flags & (FrameFlags.Anon | FrameFlags.SwapBacked | FrameFlags.Lru | FrameFlags.Dirty);
        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            PageFrame* page = head + i;
            if (i > 0)
            {
                engine.Folios.SetAnon(page, family, head->Index + (ulong)i);
            }

            page->HeadDistance = 0;
            page->LargeMapCount = 0;
            page->EntireMapCount = 0;
            page->PinCount = 0;
            page->Private = 0;
            // One bit operation after the other: somebody may be about to sleep for the lock, and that mark must not get lost.
            // The mark of a page that is one process's own has gone into its migration entry; with a device-exclusive entry it stays on the page.
            page->Clear(~(kept | FrameFlags.AnonExclusive | FrameFlags.HwPoison | FrameFlags.Locked | FrameFlags.Waiters));
            page->Set(kept | FrameFlags.Locked | (isQuiet ? FormerFlag(i) : FrameFlags.None));
            if (i > 0 && LockOrder.IsWatched)
            {
                LockOrder.Entered(LockRank.Folio);
            }

            Volatile.Write(ref page->RefCount, 1);
        }
    }

    // Linux has no need of a quiet split: what it would answer while the folio is huge is answered by these marks, as long as the page lives.
    private static FrameFlags FormerFlag(int page) => page == 0 ? FrameFlags.FormerHead : FrameFlags.FormerTail;
}
