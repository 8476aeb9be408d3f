using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Notifiers;

namespace Hmm.Simulation.TestMirrors;

/// <summary>A process's mirror on a test device: a device page table kept in step with the process's by an interval notifier.</summary>
/// <remarks>
/// <para>Works as the kernel's HMM test driver, quirks included: requests in pieces of 64 pages, an invalidation that forgets one page too
/// many, MIGRATE events of its own device ignored. The scenario language's document describes it.</para>
/// <para>Thread-safe: the device page table is under the mirror's lock, which the notifier's callback takes.</para>
/// </remarks>
public sealed partial class TestMirror : IMmuIntervalNotifierOps
{
    /// <summary>Pages that the driver works at a time.</summary>
    public const int PiecePages = 64;

    /// <summary>How often a collision is tried again; the kernel's driver tries for a second.</summary>
    private const int AttemptsMax = 10_000;

    private readonly Lock _lock = new();
    private readonly MirrorTable _table = new();
    private readonly MmuIntervalNotifier _notifier;
    private readonly ulong _id;

    internal TestMirror(TestMirrorDevice device, AddressSpace space, ulong id)
    {
        Device = device;
        Space = space;
        _id = id;
        _notifier = new MmuIntervalNotifier(this);
        HmmStatus status = _notifier.Insert(space.Notifiers, default, ulong.MaxValue & ~(ulong)(PageConstants.PageSize - 1));
        if (status != HmmStatus.Success)
        {
            throw new InvalidOperationException($"The notifier could not be inserted: {status.ErrnoName()}.");
        }
    }

    /// <summary>The device.</summary>
    public TestMirrorDevice Device { get; }

    /// <summary>The process's address space.</summary>
    public AddressSpace Space { get; }

    private MemorySystem Memory => Device.Memory;

    /// <summary>The device page table as it is now: page number, frame, tag.</summary>
    /// <returns>A copy.</returns>
    public IReadOnlyList<KeyValuePair<ulong, (Pfn Pfn, MirrorTag Tag)>> ReadTable()
    {
        lock (_lock)
        {
            return _table.ToList();
        }
    }

    /// <inheritdoc/>
    bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        if (range.Event == MmuNotifierEvent.Migrate && range.IsOwnedBy(Device))
        {
            return true;
        }

        if (range.IsBlockable)
        {
            _lock.Enter();
        }
        else if (!_lock.TryEnter())
        {
            return false;
        }

        subscription.SetSequence(sequence);
        // The end is exclusive, the erasing is not: the page just behind goes too.
        _table.EraseInclusive(range.Range.Start.PageNumber, range.Range.End.PageNumber);
        _lock.Exit();
        return true;
    }

    /// <summary>Does the device hold a page of the range exclusively?</summary>
    /// <param name="range">Whole pages.</param>
    /// <returns>NotPermitted if it does, Success if not, Invalid for an empty range.</returns>
    public HmmStatus CheckExclusive(VirtualRange range)
    {
        if (range.IsEmpty)
        {
            return HmmStatus.Invalid;
        }

        lock (_lock)
        {
            for (ulong page = range.Start.PageNumber; page < range.End.PageNumber; page++)
            {
                if (_table.TryGet(page, out _, out MirrorTag tag) && tag == MirrorTag.Atomic)
                {
                    return HmmStatus.NotPermitted;
                }
            }
        }

        return HmmStatus.Success;
    }

    private static VirtualRange Piece(VirtualAddress start, VirtualAddress end)
    {
        ulong pages = Math.Min((end.Value - start.Value) >> PageConstants.PageShift, PiecePages);
        return VirtualRange.FromPages(start, pages);
    }
}
