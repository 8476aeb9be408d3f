using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Devices;

/// <summary>A GPU as its driver sees it: page tables, a TLB, stalled accesses, a fault buffer, replay and cancel, a copy engine.</summary>
/// <remarks>Thread-safe where each member says <see cref="Lock"/>: the caller holds it. Driver callbacks of notifiers take it as well, so that no entry
/// changes between a translation and the access that follows it. No allocation after construction, page tables aside.</remarks>
public sealed class Gpu
{
    private const int ClientRun = 32;
    private const ulong NoPage = ulong.MaxValue;

    private readonly List<GpuChannel> _channels = [];
    private readonly StalledAccess[] _stalled;

    // The page of each stalled access, to be searched fast; NoPage where one has ended and the gap is not closed yet.
    private readonly ulong[] _pages;
    private readonly int _clients;
    private int _slots;
    private int _live;
    private int _repeatNext;
    private long _tickets;
    private long _progressSeen;

    /// <summary>Makes an idle device.</summary>
    /// <param name="agent">Its agent number, from <see cref="Agents.FirstDevice"/> on.</param>
    /// <param name="copyEngine">Its copy engine.</param>
    /// <param name="options">What it is made of; null for the defaults.</param>
    public Gpu(int agent, CopyEngine copyEngine, GpuOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(copyEngine);
        options ??= new GpuOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.InFlight, 1, nameof(options));
        Agent = agent;
        CopyEngine = copyEngine;
        Faults = new FaultBuffer(options.FaultBufferEntries);
        Tlb = new GpuTlb(options.TlbEntries);
        _stalled = new StalledAccess[options.InFlight];
        _pages = new ulong[options.InFlight];
        _clients = Math.Clamp(options.Clients, 1, 128);
    }

    /// <summary>Its agent number.</summary>
    public int Agent { get; }

    /// <summary>The device's lock. A driver takes no address-space lock while it holds it.</summary>
    public Lock Lock { get; } = new();

    /// <summary>The fault buffer. Under <see cref="Lock"/>.</summary>
    public FaultBuffer Faults { get; }

    /// <summary>The TLB. Under <see cref="Lock"/>.</summary>
    public GpuTlb Tlb { get; }

    /// <summary>The copy engine.</summary>
    public CopyEngine CopyEngine { get; }

    /// <summary>Whether the bus carries atomics: if not, they need the device's own memory, or exclusive access.</summary>
    public bool HasBusAtomics { get; set; } = true;

    /// <summary>Accesses that wait. Under <see cref="Lock"/>.</summary>
    public int StalledCount => _live;

    /// <summary>Accesses that waited and were done after a replay. Under <see cref="Lock"/>.</summary>
    public long Completed { get; private set; }

    /// <summary>Of these, accesses to memory of another agent. Under <see cref="Lock"/>.</summary>
    public long CompletedRemote { get; private set; }

    /// <summary>Accesses that ended without being done. Under <see cref="Lock"/>.</summary>
    public long Cancelled { get; private set; }

    /// <summary>Translations that the TLB did not know. Under <see cref="Lock"/>.</summary>
    public long TlbMisses { get; private set; }

    /// <summary>Whether prefetches that miss are reported. A driver turns them off when too many are for addresses that are not there.</summary>
    public bool ReportsPrefetches { get; set; } = true;

    /// <summary>Whether new faults are written without their valid bit, until the next <see cref="FaultBuffer.Finish"/>: hardware that is slow.</summary>
    public bool WritesUnfinished { get; set; }

    /// <summary>Is told of each stalled access that is done now, while <see cref="Lock"/> is held; null if nobody wants to know.</summary>
    internal Action<GpuChannel, ulong, AccessKind>? Done { get; set; }

    /// <summary>Opens a channel with an empty page table.</summary>
    /// <returns>The channel.</returns>
    public GpuChannel OpenChannel()
    {
        lock (Lock)
        {
            GpuChannel channel = new(_channels.Count);
            _channels.Add(channel);
            return channel;
        }
    }

    /// <summary>The channel of an instance pointer.</summary>
    /// <param name="instance">The pointer.</param>
    /// <returns>The channel, or null if there is none or it is closed. Under <see cref="Lock"/>.</returns>
    public GpuChannel? FindChannel(ulong instance) => FindAnyChannel(instance) is { IsClosed: false } channel ? channel : null;

    /// <summary>Looks an access up as the hardware does. Under <see cref="Lock"/>.</summary>
    /// <param name="channel">The address space.</param>
    /// <param name="page">Address divided by 4096.</param>
    /// <param name="kind">What the access wants.</param>
    /// <param name="isRemote">Whether the page is in memory of another agent.</param>
    /// <returns>Whether the access can be done.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTranslate(GpuChannel channel, ulong page, AccessKind kind, out bool isRemote)
    {
        ulong rights = Tlb.Find(channel.Id, page);
        isRemote = (rights & GpuEntry.OwnBit) == 0;
        return Allows(rights, kind) || TryWalk(channel, page, kind, out isRemote);
    }

    /// <summary>The device accesses a page. Under <see cref="Lock"/>.</summary>
    /// <param name="channel">The address space.</param>
    /// <param name="page">Address divided by 4096.</param>
    /// <param name="kind">What the access wants.</param>
    /// <param name="now">Modelled time, for the fault.</param>
    /// <param name="isRemote">Whether the page is in memory of another agent; only if it is done.</param>
    /// <returns>What became of it.</returns>
    public AccessOutcome Access(GpuChannel channel, ulong page, AccessKind kind, long now, out bool isRemote)
    {
        if (TryTranslate(channel, page, kind, out isRemote))
        {
            return AccessOutcome.Done;
        }

        int client = (int)(_tickets / ClientRun % _clients);
        if (kind == AccessKind.Prefetch)
        {
            _tickets++;
            if (ReportsPrefetches)
            {
                Report(channel, page, kind, client, now);
            }

            return AccessOutcome.Forgotten;
        }

        if (_live == _stalled.Length)
        {
            return AccessOutcome.Full;
        }

        if (_slots == _stalled.Length)
        {
            CloseGaps();
        }

        _live++;
        _pages[_slots] = page;
        _stalled[_slots++] = new StalledAccess
        {
            Channel = channel,
            Page = page,
            Kind = kind,
            Ticket = ++_tickets,
            Since = now,
            Client = client,
            IsReported = Report(channel, page, kind, client, now),
        };
        return AccessOutcome.Stalled;
    }

    /// <summary>All stalled accesses are tried again; what still misses faults again. Under <see cref="Lock"/>.</summary>
    /// <param name="now">Modelled time.</param>
    /// <param name="attemptsMax">An access that was tried so often is given up.</param>
    /// <returns>How many were given up.</returns>
    public int Replay(long now, int attemptsMax) => Retry(null, 0, now, attemptsMax);

    /// <summary>The stalled accesses of one page are tried again. Under <see cref="Lock"/>.</summary>
    /// <param name="channel">The address space.</param>
    /// <param name="page">The page.</param>
    /// <param name="now">Modelled time.</param>
    /// <param name="attemptsMax">An access that was tried so often is given up.</param>
    /// <returns>How many were given up.</returns>
    public int Acknowledge(GpuChannel channel, ulong page, long now, int attemptsMax) => Retry(channel, page, now, attemptsMax);

    /// <summary>Stalled accesses write their faults once more, as hardware does that tries again by itself. Under <see cref="Lock"/>.</summary>
    /// <param name="now">Modelled time.</param>
    /// <param name="count">How many of them.</param>
    public void RepeatFaults(long now, int count)
    {
        CloseGaps();
        for (int i = 0; i < Math.Min(count, _live); i++)
        {
            _repeatNext = _repeatNext + 1 >= _live ? 0 : _repeatNext + 1;
            ref StalledAccess access = ref _stalled[_repeatNext];
            access.IsReported = Report(access.Channel, access.Page, access.Kind, access.Client, now);
        }
    }

    /// <summary>Stalled accesses that can be done now are done; the others wait on, and write no new fault. Under <see cref="Lock"/>.</summary>
    public void Settle() => Retry(null, 0, 0, 0, reports: false);

    /// <summary>Stalled accesses that can never succeed end. Under <see cref="Lock"/>.</summary>
    /// <param name="channel">The address space.</param>
    /// <param name="page">The page.</param>
    /// <param name="weakest">Accesses of this kind and stronger end; weaker ones wait on.</param>
    /// <param name="strongest">Accesses stronger than this wait on.</param>
    /// <returns>How many ended.</returns>
    public int Cancel(GpuChannel channel, ulong page, AccessKind weakest, AccessKind strongest)
    {
        int before = _live;
        for (int i = Find(page, 0); i >= 0; i = Find(page, i + 1))
        {
            ref StalledAccess access = ref _stalled[i];
            if (access.Channel == channel && access.Kind >= weakest && access.Kind <= strongest)
            {
                CancelWatch(access);
                End(i);
            }
        }

        Cancelled += before - _live;
        return before - _live;
    }

    internal GpuChannel? FindAnyChannel(ulong instance)
    {
        foreach (GpuChannel channel in _channels)
        {
            if (channel.Instance == instance)
            {
                return channel;
            }
        }

        return null;
    }

    /// <summary>Watches the access that stalled just now, whether it is cancelled. Under <see cref="Lock"/>, and still the same hold of it.</summary>
    internal void WatchLast(StallWatch watch)
    {
        watch.IsCancelled = false;
        _stalled[_slots - 1].Watch = watch;
    }

    private bool Allows(ulong rights, AccessKind kind) => kind switch
    {
        AccessKind.Write => (rights & GpuEntry.WriteBit) != 0,
        AccessKind.Atomic => (rights & GpuEntry.WriteBit) != 0 && (HasBusAtomics || (rights & (GpuEntry.OwnBit | GpuEntry.AtomicBit)) != 0),
        _ => rights != 0,
    };

    private bool TryWalk(GpuChannel channel, ulong page, AccessKind kind, out bool isRemote)
    {
        GpuEntry entry = channel.PageTable.Walk(page, ++TlbMisses);
        isRemote = !entry.IsOwnMemory;
        if (!entry.IsValid || !Allows(entry.Value, kind))
        {
            return false;
        }

        Tlb.Fill(channel.Id, page, entry);
        return true;
    }

    private bool Report(GpuChannel channel, ulong page, AccessKind kind, int client, long now) => Faults.TryWrite(
        new FaultEntry(channel.Instance, page << PageConstants.PageShift, kind, now, client, client & 7), !WritesUnfinished);

    private int Find(ulong page, int from)
    {
        int at = _pages.AsSpan(from, _slots - from).IndexOf(page);
        return at < 0 ? -1 : from + at;
    }

    private void End(int slot)
    {
        _pages[slot] = NoPage;
        _live--;
    }

    private static void CancelWatch(in StalledAccess access)
    {
        if (access.Watch != null)
        {
            access.Watch.IsCancelled = true;
        }
    }

    private void CloseGaps()
    {
        if (_live == _slots)
        {
            return;
        }

        int kept = 0;
        for (int i = 0; i < _slots; i++)
        {
            if (_pages[i] != NoPage)
            {
                _pages[kept] = _pages[i];
                _stalled[kept++] = _stalled[i];
            }
        }

        _slots = kept;
    }

    /// <summary>Tries stalled accesses, all or those of one page. An attempt counts only while nothing at all gets done: an access that waits behind others is no
    /// failure.</summary>
    private int Retry(GpuChannel? channel, ulong page, long now, int attemptsMax, bool reports = true)
    {
        long before = Completed + Cancelled;
        bool isAnyLeft = false;
        for (int i = First(channel, page, 0); i >= 0; i = First(channel, page, i + 1))
        {
            ref StalledAccess access = ref _stalled[i];
            if (TryTranslate(access.Channel, access.Page, access.Kind, out bool isRemote))
            {
                Completed++;
                CompletedRemote += isRemote ? 1 : 0;
                Done?.Invoke(access.Channel, access.Page, access.Kind);
                End(i);
            }
            else
            {
                isAnyLeft = true;
            }
        }

        bool hasProgress = Completed + Cancelled != before || Completed + Cancelled != _progressSeen;
        _progressSeen = Completed + Cancelled;
        if (!reports || !isAnyLeft)
        {
            return 0;
        }

        int givenUp = hasProgress ? 0 : GiveUp(channel, page, attemptsMax);
        for (int i = First(channel, page, 0); i >= 0; i = First(channel, page, i + 1))
        {
            ref StalledAccess access = ref _stalled[i];
            access.IsReported = Report(access.Channel, access.Page, access.Kind, access.Client, now);
        }

        return givenUp;
    }

    /// <summary>The first stalled access from a slot on, of any page or of one.</summary>
    private int First(GpuChannel? channel, ulong page, int from)
    {
        if (channel == null)
        {
            int any = _pages.AsSpan(from, _slots - from).IndexOfAnyExcept(NoPage);
            return any < 0 ? -1 : from + any;
        }

        int at = Find(page, from);
        while (at >= 0 && _stalled[at].Channel != channel)
        {
            at = Find(page, at + 1);
        }

        return at;
    }

    private int GiveUp(GpuChannel? channel, ulong page, int attemptsMax)
    {
        int before = _live;
        for (int i = First(channel, page, 0); i >= 0; i = First(channel, page, i + 1))
        {
            ref StalledAccess access = ref _stalled[i];
            if (++access.Attempts >= attemptsMax)
            {
                CancelWatch(access);
                End(i);
            }
        }

        Cancelled += before - _live;
        return before - _live;
    }
}
