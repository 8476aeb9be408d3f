using System;
using System.Threading;

namespace Hmm.Core.Locking;

/// <summary>What one thread holds and waits for, while lock watching is on.</summary>
/// <remarks>Changed by its own thread only; others may read <see cref="Waiting"/> and <see cref="Describe"/> at any time, for reports.</remarks>
internal sealed class HeldLocks
{
    private readonly int[] _counts = new int[LockOrder.RankCount];
    private uint _mask;
    private int _waiting;

    /// <summary>The rank that the thread waits for; none if it runs.</summary>
    public LockRank Waiting
    {
        get => (LockRank)Volatile.Read(ref _waiting);
        set => Volatile.Write(ref _waiting, (int)value);
    }

    /// <summary>Is told of each violation that the thread commits; null for nobody.</summary>
    public Action<string>? Violated { get; set; }

    /// <summary>Whether a lock of this rank or a higher one is held.</summary>
    public bool HoldsFrom(LockRank rank) => _mask >> (int)rank != 0;

    /// <summary>Whether a lock of this rank is held.</summary>
    public bool Holds(LockRank rank) => (_mask & (1u << (int)rank)) != 0;

    public void Add(LockRank rank)
    {
        _counts[(int)rank]++;
        _mask |= 1u << (int)rank;
    }

    public void Remove(LockRank rank)
    {
        if (_counts[(int)rank] > 0 && --_counts[(int)rank] == 0)
        {
            _mask &= ~(1u << (int)rank);
        }
    }

    /// <summary>Is called wherever the thread takes or gives back a lock, so that it may let others run; null for nobody.</summary>
    public Action? Rest { get; set; }

    /// <summary>For reports: what is held, lowest first.</summary>
    public string Describe()
    {
        string held = "";
        for (LockRank rank = LockRank.None + 1; (int)rank < LockOrder.RankCount; rank++)
        {
            held += Holds(rank) ? (held.Length == 0 ? "" : ", ") + rank : "";
        }

        return held.Length == 0 ? "nothing" : held;
    }
}
