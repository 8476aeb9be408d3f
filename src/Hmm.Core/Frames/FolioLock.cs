using System.Threading;
using Hmm.Core.Locking;
using Hmm.Core.PageTables;

namespace Hmm.Core.Frames;

/// <summary>The sleeping lock of a folio: a bit in its head's flags, with sleepers on a few shared monitors.</summary>
/// <remarks>Lock order: see ARCHITECTURE.md; taken after the address-space lock and before everything else. A try-lock never sleeps.</remarks>
internal static unsafe class FolioLock
{
    private static readonly object[] Buckets = MakeBuckets();

    public static bool TryEnter(PageFrame* head)
    {
        if (head->TestAndSet(FrameFlags.Locked))
        {
            return false;
        }

        if (LockOrder.IsWatched)
        {
            LockOrder.Entered(LockRank.Folio);
        }

        return true;
    }

    public static void Enter(PageFrame* head)
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Entering(LockRank.Folio);
        }

        if (TryEnter(head))
        {
            return;
        }

        if (LockOrder.IsWatched)
        {
            LockOrder.Contended(LockRank.Folio);
        }

        SpinWait spinner = default;
        while (!spinner.NextSpinWillYield)
        {
            spinner.SpinOnce();
            if (TryEnter(head))
            {
                return;
            }
        }

        object bucket = Bucket(head);
        lock (bucket)
        {
            while (true)
            {
                // The bit is set before the last try: whoever unlocks after that try sees it and comes to wake.
                head->Set(FrameFlags.Waiters);
                if (TryEnter(head))
                {
                    return;
                }

                Monitor.Wait(bucket);
            }
        }
    }

    public static void Exit(PageFrame* head)
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Exited(LockRank.Folio);
        }

        uint before = Interlocked.And(ref head->FlagBits, ~(uint)FrameFlags.Locked);
        if ((before & (uint)FrameFlags.Waiters) != 0)
        {
            object bucket = Bucket(head);
            lock (bucket)
            {
                head->Clear(FrameFlags.Waiters);
                Monitor.PulseAll(bucket);
            }
        }
    }

    /// <summary>Waits until the folio is unlocked, if it is locked, as a fault does that meets a migration: without a reference, which would make that
    /// very migration fail, and without taking the lock.</summary>
    /// <param name="head">The folio that the entry names.</param>
    /// <param name="leaf">The entry's table, locked: the entry keeps the folio until it is unlocked, which this does.</param>
    /// <remarks>Whoever waited looks at the entry again: by then the frame may be another page's. Source: migration_entry_wait_on_locked.</remarks>
    public static void WaitWithoutReference(PageFrame* head, LeafSlot leaf)
    {
        object bucket = Bucket(head);
        lock (bucket)
        {
            // Who unlocks after this sees the mark, and comes to wake; it cannot come before the wait has begun.
            bool isLocked = head->SetIf(FrameFlags.Locked, FrameFlags.Waiters);
            leaf.Exit();
            if (isLocked)
            {
                if (LockOrder.IsWatched)
                {
                    LockOrder.Entering(LockRank.Folio);
                }

                Sleep(bucket);
            }
        }
    }

    private static void Sleep(object bucket)
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Contended(LockRank.Folio);
        }

        Monitor.Wait(bucket);
        if (LockOrder.IsWatched)
        {
            LockOrder.WaitEnded();
        }
    }

    private static object Bucket(PageFrame* head) => Buckets[head->SelfPfn % (uint)Buckets.Length];

    private static object[] MakeBuckets()
    {
        object[] buckets = new object[64];
        for (int i = 0; i < buckets.Length; i++)
        {
            buckets[i] = new object();
        }

        return buckets;
    }
}
