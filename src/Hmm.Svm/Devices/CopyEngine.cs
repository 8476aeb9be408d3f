using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Replay;

namespace Hmm.Svm.Devices;

/// <summary>A device's copy engine: a queue of pages to copy, and a time line of its own.</summary>
/// <remarks>Used by one thread at a time, the one that serves the device. What is queued is copied when the queue runs; the pages must be locked or otherwise
/// held until then. No allocation after construction.</remarks>
public sealed class CopyEngine
{
    /// <summary>Pages that the queue holds.</summary>
    public const int Depth = 1024;

    private readonly MemorySystem _memory;
    private readonly CostModel _costs;
    private readonly bool _hasContents;
    private readonly (Pfn Source, Pfn Target, CopyDirection Direction)[] _queue = new (Pfn, Pfn, CopyDirection)[Depth];
    private int _count;

    /// <summary>Makes an idle engine.</summary>
    /// <param name="memory">Where the bytes are.</param>
    /// <param name="costs">What copying costs.</param>
    /// <param name="hasContents">Whether frames have bytes.</param>
    public CopyEngine(MemorySystem memory, CostModel costs, bool hasContents)
    {
        _memory = memory;
        _costs = costs;
        _hasContents = hasContents;
    }

    /// <summary>Modelled time at which all that ran is done.</summary>
    public long BusyUntil { get; private set; }

    /// <summary>Modelled time spent copying, in nanoseconds.</summary>
    public long BusyTime { get; private set; }

    /// <summary>Transfers: runs of pages that were queued one behind the other in one direction.</summary>
    public long Transfers { get; private set; }

    /// <summary>Pages whose bytes were copied to the device. 0 where frames have none.</summary>
    public long PagesToDevice { get; private set; }

    /// <summary>Pages whose bytes were copied to system memory. 0 where frames have none.</summary>
    public long PagesToSystem { get; private set; }

    /// <summary>Queues a page; runs the queue first if it is full.</summary>
    /// <param name="source">From where; none to clear the target.</param>
    /// <param name="target">To where.</param>
    /// <param name="direction">Which way.</param>
    /// <param name="now">Modelled time.</param>
    public void Add(Pfn source, Pfn target, CopyDirection direction, long now)
    {
        if (_count == Depth)
        {
            Run(now);
        }

        _queue[_count++] = (source, target, direction);
    }

    /// <summary>Copies all that is queued.</summary>
    /// <param name="now">Modelled time; a copy starts when the one before is done.</param>
    /// <returns>Modelled time at which it is done.</returns>
    public long Run(long now)
    {
        int start = 0;
        while (start < _count)
        {
            CopyDirection direction = _queue[start].Direction;
            int end = start;
            while (end < _count && _queue[end].Direction == direction)
            {
                CopyPage(_queue[end]);
                end++;
            }

            long time = _costs.CopyTime(direction, (long)(end - start) * PageConstants.PageSize);
            BusyUntil = Math.Max(BusyUntil, now) + time;
            BusyTime += time;
            Transfers++;
            start = end;
        }

        _count = 0;
        return Math.Max(BusyUntil, now);
    }

    private void CopyPage((Pfn Source, Pfn Target, CopyDirection Direction) page)
    {
        if (!_hasContents)
        {
            return;
        }

        if (page.Source.IsNone)
        {
            _memory.FrameBytes(page.Target).Clear();
            return;
        }

        _memory.FrameBytes(page.Source).CopyTo(_memory.FrameBytes(page.Target));
        PagesToDevice += page.Direction == CopyDirection.ToDevice ? 1 : 0;
        PagesToSystem += page.Direction == CopyDirection.ToSystem ? 1 : 0;
    }
}
