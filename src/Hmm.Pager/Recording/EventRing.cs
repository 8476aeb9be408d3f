using System;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Pager.Exports;

namespace Hmm.Pager.Recording;

/// <summary>Events that wait to be fetched, in native memory: so many, and no more. What comes while it is full is counted and lost.</summary>
/// <remarks>Thread-safe. Its lock is a leaf: it is taken with any lock of the engine held, and nothing is taken under it. Allocates nothing after it was made.</remarks>
internal sealed unsafe class EventRing : IDisposable
{
    private readonly int _capacity;
    private readonly PagerEvent* _events;
    private SpinLock _lock = new(enableThreadOwnerTracking: false);
    private int _first;
    private int _count;
    private long _dropped;

    /// <param name="capacity">How many events at most, at least one.</param>
    public EventRing(int capacity)
    {
        _capacity = capacity;
        _events = (PagerEvent*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(PagerEvent));
    }

    public void Add(in PagerEvent happened)
    {
        bool isHeld = false;
        _lock.Enter(ref isHeld);
        if (_count < _capacity)
        {
            // The oldest are kept: what began is worth more than what its end would have been.
            _events[(int)(((long)_first + _count) % _capacity)] = happened;
            _count++;
        }
        else
        {
            _dropped++;
        }

        _lock.Exit(useMemoryBarrier: true);
    }

    /// <summary>Takes the oldest events out.</summary>
    /// <param name="events">Where they go.</param>
    /// <param name="dropped">How many were lost since this was asked last, if the ring is empty now; otherwise 0, and the number comes later.</param>
    /// <returns>How many were taken.</returns>
    public int Take(Span<PagerEvent> events, out long dropped)
    {
        bool isHeld = false;
        _lock.Enter(ref isHeld);
        int taken = Math.Min(events.Length, _count);
        for (int i = 0; i < taken; i++)
        {
            events[i] = _events[(int)(((long)_first + i) % _capacity)];
        }

        _first = (int)(((long)_first + taken) % _capacity);
        _count -= taken;
        dropped = _count == 0 ? _dropped : 0;
        _dropped = _count == 0 ? 0 : _dropped;
        _lock.Exit(useMemoryBarrier: true);
        return taken;
    }

    public void Dispose() => NativeMemory.Free(_events);
}
