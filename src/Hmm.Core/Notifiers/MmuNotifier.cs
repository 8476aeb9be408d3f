using System;
using System.Threading;

namespace Hmm.Core.Notifiers;

/// <summary>A subscription to every invalidation of an address space: its start and its end.</summary>
/// <remarks>
/// <para><b>When.</b> For who must know when a change is over, as <c>MirrorRange</c> does. Each invalidation calls each subscription,
/// wherever it is; a driver that only has to forget is better served by <see cref="MmuIntervalNotifier"/>, found in O(log n).</para>
/// <para><b>Life.</b> Registered once and unregistered once; make another one to subscribe again.</para>
/// <para><b>Thread-safety.</b> All members may be called from any thread.</para>
/// <para><b>Source.</b> Linux <c>struct mmu_notifier</c>. The rules NTF-13 to NTF-15 are listed at
/// <see cref="MmuNotifierSubscriptions"/>.</para>
/// </remarks>
public sealed class MmuNotifier
{
    /// <summary>The sign bit of <see cref="_callbacks"/>: no callback may begin any more.</summary>
    private const int Closed = int.MinValue;

    private MmuNotifierSubscriptions? _subscriptions;
    private int _callbacks;
    private int _stage;

    /// <summary>Makes a subscription that is not registered yet.</summary>
    /// <param name="ops">What to do when mappings change.</param>
    /// <exception cref="ArgumentNullException"><paramref name="ops"/> is null.</exception>
    public MmuNotifier(IMmuNotifierOps ops)
    {
        ArgumentNullException.ThrowIfNull(ops);
        Ops = ops;
    }

    private enum Stage
    {
        Fresh,
        Registering,
        Registered,
        Gone,
    }

    /// <summary>What happens when mappings change.</summary>
    /// <remarks>Thread-safe: never changes.</remarks>
    public IMmuNotifierOps Ops { get; }

    /// <summary>Whether it is registered: <see cref="Register"/> has succeeded, <see cref="Unregister"/> has not been called.</summary>
    /// <remarks>Thread-safe: an acquire read.</remarks>
    public bool IsRegistered => Volatile.Read(ref _stage) == (int)Stage.Registered;

    /// <summary>Whether callbacks run now; once it is closed, none begins.</summary>
    internal bool HasCallbacks => (Volatile.Read(ref _callbacks) & ~Closed) != 0;

    /// <summary>Subscribes to an address space.</summary>
    /// <param name="subscriptions">The notifiers of the address space.</param>
    /// <returns><see cref="HmmStatus.Success"/>; <see cref="HmmStatus.Invalid"/> if the address space has ended: nothing is registered.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="subscriptions"/> is null.</exception>
    /// <exception cref="InvalidOperationException">It is or was registered, or a callback of the address space runs on this thread.</exception>
    /// <remarks>
    /// <para>The start of each invalidation that is in flight already is delivered by this call, on this thread, as one that may wait; so
    /// the subscriber knows all that are in flight when it returns (NTF-14).</para>
    /// <para><b>Locking.</b> Hold no lock that the callbacks take, unless it is recursive. Waits for nobody. <b>Cost.</b> O(subscriptions +
    /// invalidations in flight); allocates. <b>Source.</b> Linux <c>mmu_notifier_register()</c>, which waits until nothing is in
    /// flight instead.</para>
    /// </remarks>
    public HmmStatus Register(MmuNotifierSubscriptions subscriptions)
    {
        ArgumentNullException.ThrowIfNull(subscriptions);
        subscriptions.RefuseInsideCallback("registered");
        if (!TryMove(Stage.Fresh, Stage.Registering))
        {
            throw new InvalidOperationException("A notifier is registered once; make another one.");
        }

        _subscriptions = subscriptions;
        Stage outcome = Stage.Gone;
        try
        {
            HmmStatus status = subscriptions.Register(this);
            outcome = status == HmmStatus.Success ? Stage.Registered : Stage.Fresh;
            return status;
        }
        finally
        {
            Volatile.Write(ref _stage, (int)outcome);
        }
    }

    /// <summary>Ends the subscription. When it returns, no callback of it runs or will run (NTF-15).</summary>
    /// <exception cref="InvalidOperationException">
    /// It is not registered (unregistered twice, also by two threads at once), or a callback of the address space runs on this thread.
    /// </exception>
    /// <remarks>
    /// <para>Invalidations may stay in flight: of those the subscriber never learns the end.</para>
    /// <para><b>Locking.</b> Waits for callbacks of this subscription that run, and for nothing else; hold no lock that they take.
    /// <b>Cost.</b> O(subscriptions); allocates. <b>Source.</b> Linux <c>mmu_notifier_unregister()</c>, without its last release.</para>
    /// </remarks>
    public void Unregister()
    {
        MmuNotifierSubscriptions? subscriptions = _subscriptions;
        subscriptions?.RefuseInsideCallback("unregistered");
        if (subscriptions is null || !TryMove(Stage.Registered, Stage.Gone))
        {
            throw new InvalidOperationException("The notifier is not registered, or has been unregistered already.");
        }

        subscriptions.Unregister(this);
    }

    /// <summary>Begins a callback; false if it is closed. Leave after true.</summary>
    internal bool TryEnter()
    {
        int seen = Volatile.Read(ref _callbacks);
        while (seen >= 0)
        {
            int before = Interlocked.CompareExchange(ref _callbacks, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Ends a callback; true if somebody waits for this being the last.</summary>
    internal bool LeaveWasLast() => Interlocked.Decrement(ref _callbacks) == Closed;

    /// <summary>Lets no callback begin any more. Once.</summary>
    internal void Close() => Interlocked.Add(ref _callbacks, Closed);

    private bool TryMove(Stage from, Stage to) => Interlocked.CompareExchange(ref _stage, (int)to, (int)from) == (int)from;
}
