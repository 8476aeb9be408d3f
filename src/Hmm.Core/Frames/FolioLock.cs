using System.Threading;
using Hmm.Core.Locking;

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

    /// <summary>Waits until the folio is unlocked, as a fault does on a migration entry. The caller holds a reference.</summary>
    public static void Wait(PageFrame* head)
    {
        Enter(head);
        Exit(head);
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
