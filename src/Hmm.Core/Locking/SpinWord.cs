using System.Threading;

namespace Hmm.Core.Locking;

/// <summary>A spinning lock in one 32-bit word of native memory: for page-table nodes and allocators.</summary>
/// <remarks>Not recursive. Held for short, bounded work only; nothing under it sleeps or calls out. The word's release store pairs with the
/// acquire of the next holder's compare-exchange.</remarks>
internal static class SpinWord
{
    public static void Enter(ref int word, LockRank rank)
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Entering(rank);
        }

        EnterUnchecked(ref word, rank);
    }

    /// <summary>As <see cref="Enter"/>, where another lock of the same rank may be held.</summary>
    public static void EnterNested(ref int word, LockRank rank)
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.EnteringNested(rank);
        }

        EnterUnchecked(ref word, rank);
    }

    public static void Exit(ref int word, LockRank rank)
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Exited(rank);
        }

        Volatile.Write(ref word, 0);
    }

    private static void EnterUnchecked(ref int word, LockRank rank)
    {
        if (Interlocked.CompareExchange(ref word, 1, 0) != 0)
        {
            EnterSlow(ref word, rank);
        }

        if (LockOrder.IsWatched)
        {
            LockOrder.Entered(rank);
        }
    }

    private static void EnterSlow(ref int word, LockRank rank)
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Contended(rank);
        }

        SpinWait spinner = default;
        do
        {
            // SpinWait yields the processor soon, which matters where there are fewer processors than threads.
            spinner.SpinOnce();
        }
        while (Volatile.Read(ref word) != 0 || Interlocked.CompareExchange(ref word, 1, 0) != 0);
    }
}
