using System;
using System.Threading;
using Hmm.Core.Addressing;

namespace Hmm.Core.Notifiers;

/// <summary>
/// A driver's subscription to the changes of one interval of an address space, and the number by which its readers find out that
/// a change overtook them.
/// </summary>
/// <remarks>
/// <para><b>The pattern.</b> <see cref="ReadBegin"/>; look at the page tables; take the driver's lock, the one that
/// <see cref="IMmuIntervalNotifierOps.Invalidate"/> takes; if <see cref="ReadRetry"/>, release it and begin again; else program the
/// device and release it. All that lies between the two is speculation.</para>
/// <para><b>Thread-safety.</b> All members may be called from any thread, under the locks that each names.</para>
/// <para><b>Source.</b> Linux <c>struct mmu_interval_notifier</c>. The rules NTF-01 to NTF-12 are listed at
/// <see cref="MmuNotifierSubscriptions"/>.</para>
/// </remarks>
public sealed class MmuIntervalNotifier
{
    /// <summary>Key and neighbours in the tree and on the deferred list.</summary>
    internal IntervalLinks Links;

    private MmuNotifierSubscriptions? _subscriptions;
    private ulong _sequence;

    /// <summary>Makes a subscription that is not inserted yet.</summary>
    /// <param name="ops">What to do when the addresses change.</param>
    /// <exception cref="ArgumentNullException"><paramref name="ops"/> is null.</exception>
    public MmuIntervalNotifier(IMmuIntervalNotifierOps ops)
    {
        ArgumentNullException.ThrowIfNull(ops);
        Ops = ops;
    }

    /// <summary>What happens when the addresses change.</summary>
    /// <remarks>Thread-safe: never changes.</remarks>
    public IMmuIntervalNotifierOps Ops { get; }

    /// <summary>First address of the interval, inclusive. Holds the last inserted interval after removal.</summary>
    /// <remarks>Thread-safe while inserted: does not change.</remarks>
    public VirtualAddress First => new(Links.First);

    /// <summary>Last address of the interval, inclusive, so that an interval can reach to 2^64 - 1.</summary>
    /// <remarks>Thread-safe while inserted: does not change.</remarks>
    public VirtualAddress Last => new(Links.Last);

    /// <summary>The address space's notifiers that it is inserted into; null if none.</summary>
    /// <remarks>Thread-safe: an acquire read.</remarks>
    public MmuNotifierSubscriptions? Subscriptions => Volatile.Read(ref _subscriptions);

    /// <summary>Subscribes to [start, start + lengthBytes - 1], both inclusive, in bytes.</summary>
    /// <param name="subscriptions">The notifiers of the address space.</param>
    /// <param name="start">First address; need not be page-aligned.</param>
    /// <param name="lengthBytes">Length in bytes, at least 1.</param>
    /// <returns>
    /// <see cref="HmmStatus.Success"/>; <see cref="HmmStatus.Overflow"/> if the length is 0 or the last byte would lie above
    /// 2^64 - 1; <see cref="HmmStatus.Invalid"/> if the address space has ended. Unless successful, nothing is inserted.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="subscriptions"/> is null.</exception>
    /// <exception cref="InvalidOperationException">It is inserted already.</exception>
    /// <remarks>
    /// <para>During an invalidation, insertion may be put off until the end; success is returned at once all the same, readers
    /// wait for that end, and no callback comes before it. A removed subscription can be inserted again, anywhere.</para>
    /// <para><b>Locking.</b> Any lock may be held; may be called in a callback. <b>Cost.</b> O(log n), no managed allocation.
    /// <b>Source.</b> Linux <c>mmu_interval_notifier_insert()</c>.</para>
    /// </remarks>
    public HmmStatus Insert(MmuNotifierSubscriptions subscriptions, VirtualAddress start, ulong lengthBytes)
    {
        ArgumentNullException.ThrowIfNull(subscriptions);
        if (lengthBytes == 0 || lengthBytes - 1 > ulong.MaxValue - start.Value)
        {
            return HmmStatus.Overflow;
        }

        return InsertInclusive(subscriptions, start, new VirtualAddress(start.Value + (lengthBytes - 1)));
    }

    /// <summary>As <see cref="Insert"/>, with the last address in place of a length, so that all 2^64 bytes can be named.</summary>
    /// <param name="subscriptions">The notifiers of the address space.</param>
    /// <param name="first">First address, inclusive.</param>
    /// <param name="last">Last address, inclusive.</param>
    /// <returns>As <see cref="Insert"/>; <see cref="HmmStatus.Overflow"/> if the last address lies below the first.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="subscriptions"/> is null.</exception>
    /// <exception cref="InvalidOperationException">It is inserted already.</exception>
    /// <remarks>Locking, cost and source as <see cref="Insert"/>.</remarks>
    public HmmStatus InsertInclusive(MmuNotifierSubscriptions subscriptions, VirtualAddress first, VirtualAddress last)
    {
        ArgumentNullException.ThrowIfNull(subscriptions);
        if (last < first)
        {
            return HmmStatus.Overflow;
        }

        if (Interlocked.CompareExchange(ref _subscriptions, subscriptions, null) is not null)
        {
            throw new InvalidOperationException("The subscription is inserted already; remove it first.");
        }

        HmmStatus status = subscriptions.Insert(this, first.Value, last.Value);
        if (status != HmmStatus.Success)
        {
            Detach();
        }

        return status;
    }

    /// <summary>Ends the subscription. When it returns, no callback of it runs or will run (NTF-08).</summary>
    /// <exception cref="InvalidOperationException">
    /// It is not inserted (removed twice, also by two threads at once), or this thread is running a callback of the same address
    /// space, for which it would wait for ever. The latter is thrown even where no wait would have been needed.
    /// </exception>
    /// <remarks>
    /// <para><b>Locking.</b> Waits for the end of the invalidations in flight if it is in the tree, so: hold no lock that the callback
    /// or an invalidating thread takes, and do not call it between start and end of an invalidation on the thread that is to end it.
    /// A thread interrupted while it waits leaves the removal to the end of the invalidation.</para>
    /// <para><b>Cost.</b> O(log n), no managed allocation. <b>Source.</b> Linux <c>mmu_interval_notifier_remove()</c>.</para>
    /// </remarks>
    public void Remove() => Inserted().Remove(this);

    /// <summary>
    /// Begins a read section: returns the number to test with <see cref="ReadRetry"/>. If an invalidation in flight has hit this
    /// subscription, waits until every invalidation in flight in the address space has ended.
    /// </summary>
    /// <returns>The number; odd. It may be outdated already, which the test will show.</returns>
    /// <exception cref="InvalidOperationException">
    /// It is not inserted, or this thread is running a callback of the same address space.
    /// </exception>
    /// <remarks>
    /// <para><b>Locking.</b> Hold no lock that the callback or an invalidating thread takes. <b>Cost.</b> O(1) and, if it need not wait,
    /// no managed allocation. Invalidations of other intervals do not make it wait. <b>Source.</b> Linux
    /// <c>mmu_interval_read_begin()</c>.</para>
    /// </remarks>
    public ulong ReadBegin() => Inserted().ReadBegin(this);

    /// <summary>Ends a read section: whether what was read must be thrown away.</summary>
    /// <param name="sequence">What <see cref="ReadBegin"/> returned.</param>
    /// <returns>True if an invalidation overtook the reader, who must begin again; false if the device may be programmed.</returns>
    /// <remarks>
    /// <para><b>Locking.</b> The caller holds the driver's lock, the one under which callbacks call <see cref="SetSequence"/>, and keeps
    /// it until the device is programmed (NTF-05). <b>Cost.</b> One read. <b>Source.</b> Linux <c>mmu_interval_read_retry()</c>.</para>
    /// </remarks>
    public bool ReadRetry(ulong sequence) => LoadSequence() != sequence;

    /// <summary>A hint, without the driver's lock: whether going on is pointless because <see cref="ReadRetry"/> will be true.</summary>
    /// <param name="sequence">What <see cref="ReadBegin"/> returned.</param>
    /// <returns>True is definitive (NTF-06); false says nothing.</returns>
    /// <remarks>Thread-safe: an acquire read, without any lock. Source: Linux <c>mmu_interval_check_retry()</c>.</remarks>
    public bool CheckRetry(ulong sequence) => LoadSequence() != sequence;

    /// <summary>Stores the number of an invalidation; only for <see cref="IMmuIntervalNotifierOps.Invalidate"/>.</summary>
    /// <param name="sequence">The number that the callback was given; odd.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is even, so no callback was given it.</exception>
    /// <remarks>
    /// <para><b>Locking.</b> The caller holds the driver's lock and tears the device's entries down before it releases it (NTF-05).</para>
    /// <para><b>Source.</b> Linux <c>mmu_interval_set_seq()</c>.</para>
    /// </remarks>
    public void SetSequence(ulong sequence)
    {
        if ((sequence & 1) == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(sequence), sequence, "The number of an invalidation is odd.");
        }

        StoreSequence(sequence);
    }

    /// <summary>Reads the number with acquire order, since it is also read without the driver's lock (NTF-06).</summary>
    internal ulong LoadSequence() => Volatile.Read(ref _sequence);

    /// <summary>Writes the number with release order.</summary>
    internal void StoreSequence(ulong sequence) => Volatile.Write(ref _sequence, sequence);

    /// <summary>Whether it belongs, or is about to belong, to these notifiers.</summary>
    internal bool IsOf(MmuNotifierSubscriptions subscriptions) => ReferenceEquals(Volatile.Read(ref _subscriptions), subscriptions);

    /// <summary>Makes it belong to no address space, so that it can be inserted again.</summary>
    internal void Detach() => Volatile.Write(ref _subscriptions, null);

    private MmuNotifierSubscriptions Inserted() =>
        Subscriptions ?? throw new InvalidOperationException("The subscription is not inserted, or has been removed already.");
}
