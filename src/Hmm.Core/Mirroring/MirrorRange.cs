using System;
using System.Threading;
using System.Threading.Tasks;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Locking;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Mirroring;

/// <summary>
/// A range that a device mirrors and that can be waited for: the interface proposed in 2019. It knows which invalidations of its own
/// addresses are in flight, so waiters wake when the last of these ends, whatever else happens in the address space.
/// </summary>
/// <remarks>
/// <para><b>The pattern.</b> <see cref="WaitUntilValid"/>; <see cref="Snapshot{TEncoding}"/> or <see cref="Fault{TEncoding}"/>; take the
/// driver's lock, the one that <see cref="IMirrorRangeOps.Invalidate"/> takes; if not <see cref="IsValid"/>, release it and begin
/// again; else program the device and release it. <c>docs/mirroring.md</c> compares this with the other interfaces.</para>
/// <para><b>Rules.</b></para>
/// <list type="bullet">
/// <item>MIR-01: the count of invalidations in flight goes up at the start of each one that overlaps and down at its end, or at once if
/// the start is refused; never otherwise. Ends are exclusive: a neighbour does not count.</item>
/// <item>MIR-02: the number of changes goes up at each such start, before the callback runs, and at death; it never falls. A walk is
/// valid while the number is what it was when the walk began with nothing in flight. So an invalidation that has come and gone
/// unseen still makes the walk invalid.</item>
/// <item>MIR-03: the callback takes the driver's lock after the number went up, and the driver asks <see cref="IsValid"/> under that
/// lock. Either the driver sees the new number, or the callback sees the entries that the driver made.</item>
/// <item>MIR-04: waiters wake when the count comes to zero, when the address space dies, and when the range is disposed.</item>
/// <item>MIR-05: the range's own lock is a leaf: nothing else is taken under it, and no driver is called.</item>
/// </list>
/// <para><b>Thread-safety.</b> All members may be called from any thread, but a range has one walk that <see cref="IsValid"/> speaks of:
/// threads that walk at once each need a range of their own.</para>
/// <para><b>Life.</b> Independent of mappings: the addresses need not be mapped, now or later. It ends with <see cref="Dispose"/>, once;
/// the death of the address space only marks it. The owner tears the device's entries down before disposing: no callback will.</para>
/// <para><b>Cost.</b> Each invalidation of the address space asks each range whether it overlaps: meant for tens of ranges; use
/// <see cref="MmuIntervalNotifier"/> for thousands. A notification allocates no managed memory, unless it wakes asynchronous
/// waiters.</para>
/// <para><b>Source.</b> Linux 5.2, <c>struct hmm_range</c> and <c>hmm_range_register()</c>; there, completion was common to the
/// address space.</para>
/// </remarks>
public sealed partial class MirrorRange : IMmuNotifierOps, IDisposable
{
    /// <summary>What messages call it.</summary>
    private const string Name = "mirrored range";

    private readonly object _gate = new();
    private readonly MmuNotifier _notifier;
    private TaskCompletionSource<bool>? _wake;
    private ulong _changes;
    private ulong _walked = NoWalk;
    private ulong _quiets;
    private int _inFlight;
    private bool _isReady;
    private bool _isDead;
    private bool _isDisposed;

    /// <summary>Registers a range.</summary>
    /// <param name="space">The address space. If it has exited already, the range is dead from the beginning.</param>
    /// <param name="range">Whole pages, at least one: start inclusive, end exclusive. Need not be mapped.</param>
    /// <param name="ops">What to do when it changes. Is not called before this constructor has returned.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The range is empty or not page-aligned.</exception>
    /// <exception cref="InvalidOperationException">A callback of the address space runs on this thread.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    /// <remarks>
    /// Invalidations in flight count from the beginning. <b>Locking.</b> Any lock may be held; waits for nobody. <b>Cost.</b> O(ranges of
    /// the address space); allocates. <b>Source.</b> Linux 5.2, <c>hmm_range_register()</c>.
    /// </remarks>
    public MirrorRange(AddressSpace space, VirtualRange range, IMirrorRangeOps ops)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(ops);
        if (range.IsEmpty || !range.Start.IsPageAligned || !range.End.IsPageAligned)
        {
            throw new ArgumentException("A mirrored range has whole pages, at least one.", nameof(range));
        }

        space.Engine.ThrowIfDisposed();
        space.Notifiers.RefuseInsideCallback("made", Name);
        Space = space;
        Range = range;
        Ops = ops;
        _notifier = new MmuNotifier(this);
        Open(isAlive: _notifier.Register(space.Notifiers) == HmmStatus.Success);
    }

    /// <summary>The address space.</summary>
    public AddressSpace Space { get; }

    /// <summary>The addresses: start inclusive, end exclusive.</summary>
    public VirtualRange Range { get; }

    /// <summary>What happens when they change.</summary>
    public IMirrorRangeOps Ops { get; }

    /// <summary>Whose device memory is reported and not faulted; null for nobody's.</summary>
    public object? DevicePrivateOwner { get; init; }

    /// <summary>Whether the address space has died. Then nothing can be walked any more, and nobody waits.</summary>
    /// <remarks>Thread-safe: acquire reads; stays true. True from the moment when walks say Invalid, which is before the callback with
    /// <see cref="MmuNotifierEvent.Release"/> comes.</remarks>
    public bool IsDead => Volatile.Read(ref _isDead) || Space.IsDead;

    /// <summary>Invalidations of this range in flight. For tests and diagnosis.</summary>
    /// <remarks>Thread-safe: an acquire read; may be outdated when the caller looks at it.</remarks>
    public int InvalidationsInFlight => Volatile.Read(ref _inFlight);

    /// <summary>
    /// Whether what the last <see cref="Snapshot{TEncoding}"/> or <see cref="Fault{TEncoding}"/> found still holds, so that the
    /// device may be
    /// programmed with it. False before the first walk, and after one that found nothing usable.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The range is disposed.</exception>
    /// <remarks>
    /// <b>Locking.</b> The caller holds the driver's lock, the one that the callback takes, and keeps it until the device is
    /// programmed (MIR-03).
    /// Without it, false is definitive and true says nothing. <b>Cost.</b> Two reads. <b>Source.</b> Linux 5.2,
    /// <c>hmm_range_valid()</c>, which
    /// did not notice an invalidation that had come and gone since the walk.
    /// </remarks>
    public bool IsValid
    {
        get
        {
            ThrowIfDisposed();
            return Volatile.Read(ref _changes) == Volatile.Read(ref _walked);
        }
    }

    /// <summary>Waits until no invalidation of this range is in flight.</summary>
    /// <param name="timeout">How long at most; zero asks without waiting, <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <returns>
    /// True if there was such a moment, which may have passed already; a walk can begin. False if the time has run out or the
    /// address space has
    /// died; <see cref="IsDead"/> tells which.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative and not infinite, or above 2^31 - 1
    /// milliseconds.</exception>
    /// <exception cref="ObjectDisposedException">The range is disposed, or was while this call waited.</exception>
    /// <exception cref="InvalidOperationException">A callback of the address space runs on this thread, and would wait for
    /// itself.</exception>
    /// <remarks>
    /// <para>Invalidations of this range that overlap in time without a gap keep it waiting; those of other ranges do not.</para>
    /// <para><b>Locking.</b> Hold no lock that the callback or an invalidating thread takes; in particular not the address-space lock.
    /// <b>Cost.</b> O(1), no managed allocation. <b>Source.</b> Linux 5.2, <c>hmm_range_wait_until_valid()</c>.</para>
    /// </remarks>
    public bool WaitUntilValid(TimeSpan timeout)
    {
        ThrowIfNoTimeout(timeout);
        RefuseToWaitHere("waited for");
        using (new MonitorHold(_gate, LockRank.MirrorRange))
        {
            ThrowIfDisposed();
            ulong quiets = _quiets;
            if (_inFlight != 0 && !_isDead && timeout != TimeSpan.Zero)
            {
                Wait(timeout);
                ThrowIfDisposed();
            }

            return !_isDead && (_inFlight == 0 || _quiets != quiets);
        }
    }

    /// <summary>As <see cref="WaitUntilValid"/>, without holding a thread.</summary>
    /// <param name="timeout">As there.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    /// <returns>As there. Completes on another thread than the one that ends the invalidation.</returns>
    /// <exception cref="ArgumentOutOfRangeException">As there; thrown at once, not through the task.</exception>
    /// <exception cref="InvalidOperationException">A callback of the address space runs on this thread; thrown at once, whether or not there is
    /// anything to wait for.</exception>
    /// <exception cref="ObjectDisposedException">The range is disposed (at once, also if the token is cancelled), or was while this call waited
    /// (through the task).</exception>
    /// <exception cref="OperationCanceledException">Through the task: <paramref name="cancellationToken"/> was cancelled.</exception>
    /// <remarks>Locking as there: what blocks on the task must hold none of those locks. <b>Cost.</b> O(1); allocates if it has to
    /// wait.</remarks>
    public Task<bool> WaitUntilValidAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ThrowIfNoTimeout(timeout);
        Space.Notifiers.RefuseInsideCallback("waited for", Name);
        ThrowIfDisposed();
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }

        using (new MonitorHold(_gate, LockRank.MirrorRange))
        {
            ThrowIfDisposed();
            if (_isDead || _inFlight == 0 || timeout == TimeSpan.Zero)
            {
                return Task.FromResult(!_isDead && _inFlight == 0);
            }

            _wake ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return WaitFor(_wake.Task, timeout, cancellationToken);
        }
    }

    /// <summary>Ends the mirroring. When the first call has returned, no callback runs or will run; waiters get an exception.</summary>
    /// <exception cref="InvalidOperationException">First call only: a callback of the address space runs on this thread.</exception>
    /// <remarks>
    /// A second call is harmless and does nothing; it does not wait for the first. <b>Locking.</b> Waits for callbacks of this
    /// range that run, not
    /// for invalidations in flight; hold no lock that the callback takes. <b>Source.</b> Linux 5.2, <c>hmm_range_unregister()</c>,
    /// which had
    /// to be called exactly once.
    /// </remarks>
    public void Dispose()
    {
        if (Volatile.Read(ref _isDisposed))
        {
            return;
        }

        Space.Notifiers.RefuseInsideCallback("disposed", Name);
        using (new MonitorHold(_gate, LockRank.MirrorRange))
        {
            if (_isDisposed)
            {
                return;
            }

            Volatile.Write(ref _isDisposed, true);
            WakeAll(isValid: false);
        }

        if (_notifier.IsRegistered)
        {
            _notifier.Unregister();
        }
    }

    private void Open(bool isAlive)
    {
        using (new MonitorHold(_gate, LockRank.MirrorRange))
        {
            // Who started before saw that there is no device yet to call, and counted before this: no entry is made until its end.
            _isReady = true;
            _isDead |= !isAlive;
        }
    }

    private static void ThrowIfNoTimeout(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, TimeSpan.FromMilliseconds(int.MaxValue));
        }
    }

    /// <summary>Refuses what would wait for itself; and says, where locks are watched, that nothing may be held.</summary>
    private void RefuseToWaitHere(string what)
    {
        Space.Notifiers.RefuseInsideCallback(what, Name);
        if (LockOrder.IsWatched)
        {
            LockOrder.Entering(LockRank.InvalidationEnd);
        }
    }

    /// <summary>Waits, with the lock, to be woken.</summary>
    private void Wait(TimeSpan timeout)
    {
        if (LockOrder.IsWatched)
        {
            LockOrder.Contended(LockRank.InvalidationEnd);
        }

        Monitor.Wait(_gate, timeout);
        if (LockOrder.IsWatched)
        {
            LockOrder.WaitEnded();
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);

    private async Task<bool> WaitFor(Task<bool> wake, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            bool isValid = await wake.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
            ThrowIfDisposed();
            return isValid;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
