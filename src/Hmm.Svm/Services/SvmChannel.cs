using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;
using Hmm.Svm.Devices;
using Hmm.Svm.Profiles;

namespace Hmm.Svm.Services;

/// <summary>One address space on one device: the device's page table, and the notifiers that keep it true.</summary>
/// <remarks>
/// <para>SVM-01: no entry of the device outlives the CPU's. Entries are erased, and the TLB is invalidated, under the device's lock before the change; entries are
/// made under the same lock after the sequence was found unchanged. Unlike some drivers it does not ignore the events of its own migrations: what moves
/// must leave the page table anyway.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class SvmChannel : IMmuIntervalNotifierOps, IMmuNotifierOps
{
    private readonly Dictionary<ulong, MmuIntervalNotifier> _pieces = [];
    private readonly MmuIntervalNotifier _notifier;
    private readonly MmuNotifier? _eraser;
    private readonly NotifierLife _life;

    internal SvmChannel(SvmDevice device, SvmSpace space)
    {
        Device = device;
        Space = space;
        Gpu = device.Gpu.OpenChannel();
        _life = device.System.Profile.Notifier;
        _notifier = new MmuIntervalNotifier(this);
        HmmStatus status = HmmStatus.Success;
        if (_life == NotifierLife.Space)
        {
            status = _notifier.Insert(space.Space.Notifiers, default, ulong.MaxValue & ~(ulong)(PageConstants.PageSize - 1));
        }
        else if (_life == NotifierLife.Fault)
        {
            // It erases; the interval notifiers of single faults only count. Intervals are told first, so nothing is entered behind the eraser's back.
            _eraser = new MmuNotifier(this);
            status = _eraser.Register(space.Space.Notifiers);
        }

        if (status != HmmStatus.Success)
        {
            throw new InvalidOperationException($"The address space cannot be mirrored: {status.ErrnoName()}.");
        }
    }

    /// <summary>The device.</summary>
    public SvmDevice Device { get; }

    /// <summary>The address space.</summary>
    public SvmSpace Space { get; }

    /// <summary>The hardware's side.</summary>
    public GpuChannel Gpu { get; }

    /// <summary>Addresses that the driver keeps for itself: faults in them are refused, and no window reaches in. Empty for none.</summary>
    public VirtualRange Unmanaged { get; set; }

    /// <summary>Pages erased by invalidations so far. Under the device's lock.</summary>
    public long PagesInvalidated { get; private set; }

    /// <summary>Closes the channel: its page table is emptied, and its faults are nobody's. Waits for the service. Hold no lock.</summary>
    public void Close()
    {
        lock (Device.ServiceLock)
        {
            lock (Device.Gpu.Lock)
            {
                Gpu.IsClosed = true;
                Erase(0, 1UL << 35);
            }

            RemoveNotifiers();
        }
    }

    private void RemoveNotifiers()
    {
        if (_life == NotifierLife.Space)
        {
            _notifier.Remove();
        }

        _eraser?.Unregister();
        foreach (MmuIntervalNotifier piece in _pieces.Values)
        {
            piece.Remove();
        }

        _pieces.Clear();
    }

    /// <inheritdoc/>
    bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        // Our own exclusive access: its entry is about to be made, under the lock of a page that nobody else can use meanwhile.
        if (range.Event == MmuNotifierEvent.Exclusive && range.IsOwnedBy(this))
        {
            return true;
        }

        if (!TryEnter(range))
        {
            return false;
        }

        subscription.SetSequence(sequence);
        VirtualRange here = PartOf(subscription, range.Range);
        if (_life != NotifierLife.Fault)
        {
            // The end of a process names all addresses to each subscription.
            EraseInvalid(range.Event == MmuNotifierEvent.Release ? here : range.Range);
        }

        Device.Gpu.Lock.Exit();
        NoteUnmapped(range.Event, here);
        return true;
    }

    private static VirtualRange PartOf(MmuIntervalNotifier subscription, VirtualRange range)
    {
        ulong first = Math.Max(range.Start.Value, subscription.First.Value);
        ulong last = Math.Min(range.End.Value - 1, subscription.Last.Value);
        return new VirtualRange(new VirtualAddress(first), new VirtualAddress(last + 1));
    }

    private void NoteUnmapped(MmuNotifierEvent cause, VirtualRange range)
    {
        if (cause is MmuNotifierEvent.Unmap or MmuNotifierEvent.Release)
        {
            Device.System.NoteUnmapped(Space, range);
        }
    }

    /// <inheritdoc/>
    bool IMmuNotifierOps.InvalidateRangeStart(in MmuNotifierRange range)
    {
        if (range.Event == MmuNotifierEvent.Exclusive && range.IsOwnedBy(this))
        {
            return true;
        }

        if (!TryEnter(range))
        {
            return false;
        }

        EraseInvalid(range.Range);
        Device.Gpu.Lock.Exit();
        NoteUnmapped(range.Event, range.Range);
        return true;
    }

    /// <inheritdoc/>
    void IMmuNotifierOps.InvalidateRangeEnd(in MmuNotifierRange range)
    {
        // Interval notifiers keep range faults away meanwhile.
    }

    /// <inheritdoc/>
    void IMmuNotifierOps.Release()
    {
        lock (Device.Gpu.Lock)
        {
            Erase(0, 1UL << 35);
        }
    }

    /// <summary>The notifier for a range fault on pages, which lie in one block; give it back with <see cref="Return"/>. Null if the process has exited.</summary>
    internal MmuIntervalNotifier? Borrow(ulong page, int count)
    {
        if (_life == NotifierLife.Space)
        {
            return _notifier;
        }

        if (_life == NotifierLife.Fault)
        {
            return TryInsert(_notifier, page << PageConstants.PageShift, (ulong)count << PageConstants.PageShift) ? _notifier : null;
        }

        ulong bytes = Device.System.Profile.NotifierBytes;
        ulong piece = (page << PageConstants.PageShift) / bytes;
        if (!_pieces.TryGetValue(piece, out MmuIntervalNotifier? notifier))
        {
            notifier = new MmuIntervalNotifier(this);
            if (!TryInsert(notifier, piece * bytes, bytes))
            {
                return null;
            }

            _pieces.Add(piece, notifier);
        }

        return notifier;
    }

    internal void Return(MmuIntervalNotifier notifier)
    {
        if (_life == NotifierLife.Fault)
        {
            notifier.Remove();
        }
    }

    /// <summary>Takes pages out of the page table and the TLB. Under the device's lock.</summary>
    internal int Erase(ulong page, ulong count)
    {
        int erased = Gpu.PageTable.Erase(page, count);
        if (erased > 0)
        {
            Device.Gpu.Tlb.Invalidate(Gpu.Id, page, count);
        }

        return erased;
    }

    private bool TryInsert(MmuIntervalNotifier notifier, ulong start, ulong bytes) =>
        notifier.Insert(Space.Space.Notifiers, new VirtualAddress(start), bytes) == HmmStatus.Success;

    private bool TryEnter(in MmuNotifierRange range)
    {
        if (range.IsBlockable)
        {
            Device.Gpu.Lock.Enter();
            return true;
        }

        return Device.Gpu.Lock.TryEnter();
    }

    private void EraseInvalid(VirtualRange range)
    {
        ulong first = range.Start.PageNumber;
        ulong end = range.End.PageNumber + (range.End.IsPageAligned ? 0UL : 1UL);
        PagesInvalidated += Erase(first, end - first);
    }
}
