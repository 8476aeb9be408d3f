using System.Threading;

namespace Hmm.Core.Locking;

/// <summary>A hold on a ranked monitor, given back by disposing.</summary>
internal readonly ref struct MonitorHold
{
    private readonly object _monitor;
    private readonly LockRank _rank;

    public MonitorHold(object monitor, LockRank rank)
    {
        _monitor = monitor;
        _rank = rank;
        Enter(monitor, rank);
    }

    public void Dispose() => Exit(_monitor, _rank);

    /// <summary>Takes a ranked monitor.</summary>
    public static void Enter(object monitor, LockRank rank)
    {
        if (!LockOrder.IsWatched)
        {
            Monitor.Enter(monitor);
            return;
        }

        LockOrder.Entering(rank);
        if (!Monitor.TryEnter(monitor))
        {
            LockOrder.Contended(rank);
            Monitor.Enter(monitor);
        }

        LockOrder.Entered(rank);
    }

    /// <summary>Gives it back.</summary>
    public static void Exit(object monitor, LockRank rank)
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Exited(rank);
        }

        Monitor.Exit(monitor);
    }
}
