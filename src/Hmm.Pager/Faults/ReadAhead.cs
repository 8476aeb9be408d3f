using System;
using System.Threading;
using Hmm.Core.Addressing;

namespace Hmm.Pager.Faults;

/// <summary>How many pages to bring in with one that is missed: more and more while an application runs through memory, one while it jumps about.</summary>
/// <remarks>
/// <para>Remembers some streams by where each would miss next. A miss right there doubles the stream's window up to the maximum; a miss anywhere else starts
/// a stream with one page in the place of the one that was used longest ago. Pages of a window count as hits when the next miss proves that they were run through.</para>
/// <para>Thread-safe, allocates nothing. Source: the windows of Linux's swap read-ahead, which grow by hits.</para>
/// </remarks>
/// <param name="pagesMax">The largest window, 1 for none.</param>
/// <param name="counters">Counts hits.</param>
internal sealed class ReadAhead(int pagesMax, FaultCounters counters)
{
    private const int StreamCount = 16;

    private readonly Lock _lock = new();
    private readonly ulong[] _next = new ulong[StreamCount];
    private readonly int[] _window = new int[StreamCount];
    private readonly int[] _brought = new int[StreamCount];
    private readonly long[] _used = new long[StreamCount];
    private long _clock;

    /// <summary>A page is missed.</summary>
    /// <returns>How many pages to bring in, the missed one first.</returns>
    public int Begin(ulong address)
    {
        if (pagesMax <= 1)
        {
            return 1;
        }

        lock (_lock)
        {
            int stream = Array.IndexOf(_next, address);
            if (stream >= 0)
            {
                counters.Add(Counter.ReadAheadHits, _brought[stream] - 1);
                _window[stream] = Math.Min(_window[stream] * 2, pagesMax);
            }
            else
            {
                stream = Oldest();
                _window[stream] = 1;
            }

            _used[stream] = ++_clock;
            _next[stream] = address;
            _brought[stream] = 1;

            // Up to where the next window of this size begins: aligned windows cross no page table.
            int beyond = (int)((address >> PageConstants.PageShift) % (ulong)_window[stream]);
            return _window[stream] - beyond;
        }
    }

    /// <summary>So many pages were brought in, from the missed one on.</summary>
    public void End(ulong address, int pageCount)
    {
        if (pagesMax <= 1)
        {
            return;
        }

        lock (_lock)
        {
            int stream = Array.IndexOf(_next, address);
            if (stream >= 0)
            {
                _brought[stream] = Math.Max(pageCount, 1);
                _next[stream] = address + ((ulong)_brought[stream] << PageConstants.PageShift);
            }
        }
    }

    private int Oldest()
    {
        int oldest = 0;
        for (int i = 1; i < StreamCount; i++)
        {
            oldest = _used[i] < _used[oldest] ? i : oldest;
        }

        return oldest;
    }
}
