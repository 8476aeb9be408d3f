using System;
using System.Runtime.ExceptionServices;
using System.Threading;
using Hmm.Core.Locking;

namespace Hmm.Core.Notifiers;

/// <summary>
/// The notifiers of one address space: who wants to know when which addresses change, and the numbers by which
/// readers find out that something changed while they looked.
/// </summary>
/// <remarks>
/// <para><b>The protocol.</b> The address space has a number, first 2. It becomes odd when an invalidation overlaps a subscription
/// and even, one higher, when the last invalidation in flight ends. A callback stores the odd number in its subscription; a
/// reader takes the subscription's number, looks at the page tables, and throws away what it saw if the number has changed since.
/// Invalidations that overlap in time share one odd number, so completion is global: a subscription that a short invalidation
/// hit counts as being invalidated until every invalidation of the address space in flight has ended.</para>
/// <para><b>Thread-safety.</b> All members may be called from any thread at any time.</para>
/// <para><b>Locking.</b> One lock, the last in the lock order: nothing is taken under it. The rules:</para>
/// <list type="bullet">
/// <item>NTF-01: the tree changes only under the lock and only while no thread delivers callbacks: by who took the lock and
/// found the number even, or at the end of the last invalidation. So a thread that delivers reads the frozen tree without the lock.</item>
/// <item>NTF-02: the number never falls. It is odd exactly from the first overlap (or insertion during an invalidation) until the
/// last invalidation in flight ends.</item>
/// <item>NTF-03: a subscription's number is odd, and equals the address space's only while an invalidation is in flight.</item>
/// <item>NTF-04: <see cref="MmuIntervalNotifier.ReadBegin"/> never returns the address space's present number. So a number that a
/// callback stores later always differs from the one that the reader holds.</item>
/// <item>NTF-05: a callback stores the number under the driver's lock before it tears entries down, and
/// <see cref="MmuIntervalNotifier.ReadRetry"/> reads it under the same lock. Releasing that lock pairs with taking it: either the
/// reader sees the number, or the callback sees the entries that the reader made.</item>
/// <item>NTF-06: <see cref="MmuIntervalNotifier.CheckRetry"/> reads without the driver's lock; its acquire pairs with the release in
/// <see cref="MmuIntervalNotifier.SetSequence"/>. Numbers never come back, so "changed" stays true.</item>
/// <item>NTF-07: page-table changes made between start and end are seen by every reader that begins after the end: an end that
/// a reader can have waited for gives up the lock after the changes, and ReadBegin takes it before the reader looks.</item>
/// <item>NTF-08: when <see cref="MmuIntervalNotifier.Remove"/> has returned, no callback of it runs or will run.</item>
/// <item>NTF-09: callbacks and the observer run without the lock.</item>
/// <item>NTF-10: a start that does not return success has been ended already.</item>
/// <item>NTF-11: threads wait, under the lock, only for an odd number to pass and for the last callback of an unregistered
/// <see cref="MmuNotifier"/>; every change from odd to even and every such last callback wakes all.</item>
/// <item>NTF-12: the order, balance and greatest-last rules of the tree, written there.</item>
/// <item>NTF-13: a registered <see cref="MmuNotifier"/> gets exactly one end for each start that it did not refuse, after that start,
/// also when another subscriber refuses; and no other end. To refuse what is blockable, or to throw then, is no refusal.</item>
/// <item>NTF-14: when <see cref="MmuNotifier.Register"/> has returned, the subscriber has been told the start of every invalidation
/// that is in flight.</item>
/// <item>NTF-15: when <see cref="MmuNotifier.Unregister"/> has returned, no callback of it runs or will run.</item>
/// <item>NTF-16: an invalidation that nobody has to be told of ends without the lock, unless the number is odd.</item>
/// </list>
/// <para><b>Order.</b> A start tells the interval subscriptions first, by first address, then the others in the order of their
/// registration. An end completes the number first and then tells the others.</para>
/// <para><b>Source.</b> Linux <c>struct mmu_notifier_subscriptions</c> and mm/mmu_notifier.c, as of 6.12.
/// An object that nobody has subscribed to costs one lock for a start and one interlocked exchange for an end.</para>
/// </remarks>
public sealed partial class MmuNotifierSubscriptions
{
    /// <summary>The address space whose callbacks this thread is running, innermost.</summary>
    [ThreadStatic]
    private static MmuNotifierSubscriptions? t_delivering;

    private readonly object _lock = new();
    private IntervalTree _tree;
    private DeferredSubscriptions _deferred;
    private IMmuNotifierObserver? _observer;
    private ulong _sequence = 2;

    /// <summary>How many of those in flight are not quiet.</summary>
    private int _active;
    private long _wakeUps;
    private long _refusalsIgnored;
    private bool _isReleased;

    /// <summary>Makes the notifiers of a new address space: no subscription, number 2.</summary>
    public MmuNotifierSubscriptions()
    {
        // Some runtimes create what stands behind a monitor at its first use. Here, then, and not while a page faults.
        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>
    /// The address space's number: odd while an invalidation that hit a subscription is in flight. For tests and diagnosis.
    /// </summary>
    /// <remarks>Thread-safe: an acquire read; it may be outdated when the caller looks at it.</remarks>
    public ulong Sequence => Volatile.Read(ref _sequence);

    /// <summary>Whether the number is odd: the tree is frozen, and hit subscriptions make readers wait. For tests and diagnosis.</summary>
    /// <remarks>Thread-safe, as <see cref="Sequence"/>. An invalidation in flight that hit nobody does not count.</remarks>
    public bool IsInvalidating => (Sequence & 1) != 0;

    /// <summary>Invalidations in flight, hitting or not. For tests and diagnosis.</summary>
    /// <remarks>Thread-safe, as <see cref="Sequence"/>.</remarks>
    public int ActiveInvalidations => Volatile.Read(ref _active) + _quiet.Count;

    /// <summary>
    /// How many callbacks returned false though they were allowed to wait: driver bugs, which are counted and passed over.
    /// </summary>
    /// <remarks>Thread-safe. Linux prints a warning instead.</remarks>
    public long RefusalsIgnored => Interlocked.Read(ref _refusalsIgnored);

    /// <summary>Who is told of every invalidation; null (the default) for nobody.</summary>
    /// <remarks>Thread-safe. Invalidations in flight while it is set may be reported by halves.</remarks>
    public IMmuNotifierObserver? Observer
    {
        get => Volatile.Read(ref _observer);
        set => Volatile.Write(ref _observer, value);
    }

    /// <summary>How often waiters were woken, for tests.</summary>
    internal long WakeUps => Interlocked.Read(ref _wakeUps);

    /// <summary>
    /// Says that a range is about to change, and returns when every overlapping subscription has forgotten it. The caller then
    /// changes its entries and calls <see cref="InvalidateRangeEnd"/>.
    /// </summary>
    /// <param name="range">The invalidation; its range must not be empty. Need not be page-aligned.</param>
    /// <returns>
    /// <see cref="HmmStatus.Success"/>; <see cref="HmmStatus.Again"/> if the range is not blockable and a callback would have to
    /// wait: the caller must not change its entries and must not call <see cref="InvalidateRangeEnd"/> (NTF-10).
    /// </returns>
    /// <exception cref="ArgumentException">The range is empty.</exception>
    /// <remarks>
    /// <para><b>Locking.</b> The caller must hold no lock that a callback takes. Callbacks run on this thread in order of their
    /// first address. If one throws, the exception passes on in the end and the invalidation has been ended (NTF-10); treat it as a
    /// refusal. Of a blockable one everybody is told all the same, start and end.</para>
    /// <para><b>Cost.</b> One search under the lock if nothing overlaps, O(log n); else one step and one call for each
    /// subscription hit. No managed allocation.</para>
    /// <para><b>Source.</b> Linux <c>mmu_notifier_invalidate_range_start()</c>.</para>
    /// </remarks>
    public HmmStatus InvalidateRangeStart(in MmuNotifierRange range)
    {
        if (range.Range.IsEmpty)
        {
            throw new ArgumentException("An invalidation needs at least one byte.", nameof(range));
        }

        HmmStatus status = Start(in range, range.Range.Start.Value, range.Range.End.Value - 1, StartKind.Ordinary, out ExceptionDispatchInfo? failure);
        failure?.Throw();
        return status;
    }

    /// <summary>Says that the entries of a started invalidation have been changed.</summary>
    /// <param name="range">The same invalidation that was started.</param>
    /// <exception cref="InvalidOperationException">No invalidation with these values is in flight.</exception>
    /// <remarks>
    /// <para>If it is the last one in flight and any subscription was hit, the deferred insertions and removals happen and every
    /// waiting reader and remover wakes. No callback tells the interval subscriptions; each <see cref="MmuNotifier"/> that was told
    /// the start is told the end.</para>
    /// <para><b>Locking.</b> Any thread may end what another one started. <b>Cost.</b> O(invalidations in flight), plus O(log n) for
    /// each deferred subscription, plus a call for each <see cref="MmuNotifier"/>; no managed allocation. <b>Source.</b> Linux
    /// <c>mmu_notifier_invalidate_range_end()</c>.</para>
    /// </remarks>
    public void InvalidateRangeEnd(in MmuNotifierRange range)
    {
        if (_quiet.TryTake(in range))
        {
            EndQuiet(in range);
            return;
        }

        MmuNotifier[] told;
        MmuNotifier[] joined;
        ulong sequence;
        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            if (!_inFlight.TryTake(in range, out told, out joined))
            {
                throw new InvalidOperationException("No such invalidation is in flight: its start failed, or it was ended before.");
            }

            sequence = EndOne();
        }

        Observer?.InvalidateEnded(in range, sequence);
        if (told.Length != 0 || joined.Length != 0)
        {
            TellEnds(in range, told, joined);
        }
    }

    /// <summary>
    /// The address space ends: refuses new subscriptions from now on, sends <see cref="MmuNotifierEvent.Release"/> to every interval
    /// subscription and then calls <see cref="IMmuNotifierOps.Release"/> of the others. Subscriptions stay until their owners remove
    /// them. A second call does nothing.
    /// </summary>
    /// <remarks>
    /// <para>The event covers every address, 0 to 2^64 - 1 both included; the range that callbacks see ends, exclusive, at 2^64 - 1,
    /// because an exclusive end cannot lie higher. The caller unmaps everything afterwards, which sends
    /// <see cref="MmuNotifierEvent.Unmap"/> as usual. A subscription whose insertion is still deferred misses the event and gets
    /// the unmap.</para>
    /// <para><b>Locking and cost.</b> As <see cref="InvalidateRangeStart"/>, blockable. <b>Source.</b> Linux
    /// <c>__mmu_notifier_release()</c>.</para>
    /// </remarks>
    public void Release()
    {
        var everything = new Addressing.VirtualRange(new(0), new(ulong.MaxValue));
        var range = new MmuNotifierRange(everything, MmuNotifierEvent.Release);
        HmmStatus status = HmmStatus.Success;
        try
        {
            status = Start(in range, 0, ulong.MaxValue, StartKind.Last, out ExceptionDispatchInfo? failure);
            if (status == HmmStatus.Success)
            {
                InvalidateRangeEnd(in range);
            }

            failure?.Throw();
        }
        finally
        {
            // Also if a callback threw: there is no second release, and who waits must learn that the address space is gone.
            if (status == HmmStatus.Success)
            {
                TellRelease();
            }
        }
    }

    /// <summary>
    /// Starts an invalidation of [first, last], both inclusive, and says what callbacks threw that were allowed to wait, if any did.
    /// </summary>
    private HmmStatus Start(in MmuNotifierRange range, ulong first, ulong last, StartKind kind, out ExceptionDispatchInfo? failure)
    {
        bool isLast = kind == StartKind.Last;
        MmuIntervalNotifier? hit;
        MmuNotifier[] notifiers;
        ulong sequence;
        ulong serial = 0;
        bool isQuiet;
        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            if (isLast)
            {
                if (_isReleased)
                {
                    failure = null;
                    return HmmStatus.Invalid;
                }

                _isReleased = true;
            }

            hit = _tree.FirstOverlap(first, last);
            if (hit is not null)
            {
                Volatile.Write(ref _sequence, _sequence | 1);
            }

            sequence = _sequence;
            notifiers = isLast ? InFlightInvalidations.Nobody : _notifiers;
            isQuiet = hit is null && notifiers.Length == 0;
            if (!isQuiet || !_quiet.TryAdd(in range))
            {
                Volatile.Write(ref _active, _active + 1);
                serial = _inFlight.Add(in range, notifiers, isStarted: isQuiet);
            }
        }

        if (!isQuiet)
        {
            return Deliver(in range, new Delivery(hit, first, last, sequence, notifiers, serial), kind, out failure);
        }

        failure = null;
        Observer?.InvalidateStarted(in range, sequence, 0);
        return HmmStatus.Success;
    }

    /// <summary>With the lock: one invalidation less is in flight. Returns the number after it.</summary>
    private ulong EndOne()
    {
        Volatile.Write(ref _active, _active - 1);
        CompleteIfLast();
        return _sequence;
    }

    /// <summary>A quiet invalidation has gone from its place.</summary>
    /// <remarks>
    /// NTF-16: while it was in flight, the number may have become odd for another one. Whoever looks for the last one does so under the lock, after
    /// the number became odd and a full fence; here the number is read after the exchange that gave the place up, which is a full fence too. So
    /// either this end is seen there, or the odd number is seen here, and the one who sees completes it. An even number means that no reader
    /// waits and nobody is subscribed to the range, or only since the end (NTF-07: inserting looks at the places as well).
    /// </remarks>
    private void EndQuiet(in MmuNotifierRange range)
    {
        ulong sequence = Volatile.Read(ref _sequence);
        if ((sequence & 1) != 0)
        {
            using (new MonitorHold(_lock, LockRank.Notifiers))
            {
                CompleteIfLast();
                sequence = _sequence;
            }
        }

        Observer?.InvalidateEnded(in range, sequence);
    }

    /// <summary>With the lock: if the number is odd and nothing is in flight any more, makes it even and wakes everybody.</summary>
    private void CompleteIfLast()
    {
        if (_active == 0 && (_sequence & 1) != 0 && _quiet.Count == 0)
        {
            CompleteInvalidations();
        }
    }
}
