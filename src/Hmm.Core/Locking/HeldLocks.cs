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
    private uint _unrest;

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

    /// <summary>From now on the thread lets others run at some of the places where it takes or gives back a lock.</summary>
    /// <param name="seed">Chooses the places.</param>
    public void Unsettle(int seed) => _unrest = (uint)seed | 1;

    /// <summary>A lock is being taken or given back: perhaps others run now.</summary>
    public void Rest()
    {
        if (_unrest == 0)
        {
            return;
        }

        _unrest ^= _unrest << 13;
        _unrest ^= _unrest >> 17;
        _unrest ^= _unrest << 5;
        if (_unrest % 64 == 0)
        {
            // Now and then for longer than any lock is held.
            Thread.Sleep(_unrest % 4096 == 0 ? 1 : 0);
        }
    }

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
