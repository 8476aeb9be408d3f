using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Tests.Mirroring;

/// <summary>A driver with a page table of its own over one mirrored range.</summary>
internal sealed class ShadowDriver : IMirrorRangeOps, IDisposable
{
    private readonly Lock _lock = new();
    private readonly ulong[] _table;
    private readonly List<MmuNotifierEvent> _events = [];

    public ShadowDriver(MirrorWorld world, int firstPage, int pages)
    {
        _table = new ulong[pages];
        Range = new MirrorRange(world.Space, MirrorWorld.Pages(firstPage, pages), this);
    }

    public MirrorRange Range { get; }

    /// <summary>Whether invalidations that may be refused are.</summary>
    public bool Refuses { get; set; }

    /// <summary>Runs inside the callback, before its lock.</summary>
    public Action? Inside { get; set; }

    public IReadOnlyList<MmuNotifierEvent> Events => _events;

    public int Entries
    {
        get
        {
            lock (_lock)
            {
                return _table.Length - Array.FindAll(_table, word => word == 0).Length;
            }
        }
    }

    public bool Invalidate(MirrorRange mirror, in MmuNotifierRange range)
    {
        Inside?.Invoke();
        lock (_lock)
        {
            if (Refuses && !range.IsBlockable)
            {
                return false;
            }

            _events.Add(range.Event);
            ulong first = Math.Max(range.Range.Start.PageNumber, Range.Range.Start.PageNumber);
            ulong end = Math.Min(range.Range.Start.PageNumber + range.Range.PageCount, Range.Range.End.PageNumber);
            Array.Clear(_table, (int)(first - Range.Range.Start.PageNumber), (int)(end - first));
        }

        return true;
    }

    /// <summary>Enters the words if they still hold.</summary>
    public bool TryCommit(ReadOnlySpan<ulong> words, Action? whileLocked = null)
    {
        lock (_lock)
        {
            if (!Range.IsValid)
            {
                return false;
            }

            words.CopyTo(_table);
            whileLocked?.Invoke();
            return true;
        }
    }

    /// <summary>An entry, looked at and used under the driver's lock.</summary>
    public void Use(int page, Action<ulong> use)
    {
        lock (_lock)
        {
            use(_table[page]);
        }
    }

    public void Dispose() => Range.Dispose();
}
