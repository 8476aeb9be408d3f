using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Locking;

namespace Hmm.Core.Notifiers;

// Who is subscribed, and who waits.
public sealed partial class MmuNotifierSubscriptions
{
    /// <summary>Whether an interval subscription overlaps a range: the search that every invalidation begins with.</summary>
    /// <param name="range">A range; not empty.</param>
    /// <returns>True if one does now. A subscription whose insertion is deferred does not count yet.</returns>
    /// <remarks>Thread-safe; one search under the lock, O(log n). The answer may be outdated when the caller looks at it.</remarks>
    /// <exception cref="ArgumentException">The range is empty.</exception>
    public bool HasSubscriptionIn(VirtualRange range)
    {
        if (range.IsEmpty)
        {
            throw new ArgumentException("A search needs at least one byte.", nameof(range));
        }

        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            return _tree.FirstOverlap(range.Start.Value, range.End.Value - 1) != null;
        }
    }

    /// <summary>Subscriptions in the tree, for tests.</summary>
    internal int TreeCount
    {
        get
        {
            using (new MonitorHold(_lock, LockRank.Notifiers))
            {
                return _tree.Count;
            }
        }
    }

    /// <summary>Inserts [first, last], both inclusive, now or when the invalidations in flight have ended.</summary>
    /// <returns><see cref="HmmStatus.Success"/>, or <see cref="HmmStatus.Invalid"/> if the address space has ended.</returns>
    internal HmmStatus Insert(MmuIntervalNotifier subscription, ulong first, ulong last)
    {
        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            if (_isReleased)
            {
                return HmmStatus.Invalid;
            }

            ref IntervalLinks links = ref subscription.Links;
            links.First = first;
            links.Last = last;
            bool isFrozen = (_sequence & 1) != 0;
            bool isInFlight = isFrozen || _active != 0 || _quiet.Count != 0;
            if (!isFrozen && isInFlight)
            {
                // Nobody looks which ranges are in flight, so this one may be in them: its readers must wait. Making the
                // number odd makes them wait, and nobody delivers from a tree with an even number, so inserting is safe (NTF-01).
                Volatile.Write(ref _sequence, _sequence | 1);
            }

            // Odd, either way. Equal to the present number only if an invalidation is in flight (NTF-03).
            subscription.StoreSequence(isInFlight ? _sequence : _sequence - 1);
            if (isFrozen)
            {
                links.Place = IntervalPlace.AwaitingInsert;
                _deferred.Add(subscription);
            }
            else
            {
                links.Place = IntervalPlace.Tree;
                _tree.Insert(subscription);
            }

            if (isInFlight)
            {
                // A quiet one may have ended before it could see the odd number (NTF-16).
                Interlocked.MemoryBarrier();
                CompleteIfLast();
            }

            return HmmStatus.Success;
        }
    }

    /// <summary>Removes a subscription; returns when no callback of it runs or will run (NTF-08).</summary>
    /// <exception cref="InvalidOperationException">It is not inserted, is being removed, or a callback of this address space runs
    /// on this thread.</exception>
    internal void Remove(MmuIntervalNotifier subscription)
    {
        RefuseInsideCallback("removed");
        if (LockOrder.IsWatched)
        {
            LockOrder.Entering(LockRank.InvalidationEnd);
        }

        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            switch (subscription.IsOf(this) ? subscription.Links.Place : IntervalPlace.Nowhere)
            {
                case IntervalPlace.AwaitingInsert:
                    // Never was in the tree, so nobody can be delivering to it.
                    _deferred.Drop(subscription);
                    Forget(subscription);
                    return;

                case IntervalPlace.Tree when (_sequence & 1) == 0:
                    _tree.Remove(subscription);
                    Forget(subscription);
                    return;

                case IntervalPlace.Tree:
                    subscription.Links.Place = IntervalPlace.AwaitingRemove;
                    _deferred.Add(subscription);
                    WaitWhileSequenceIs(_sequence);
                    return;

                default:
                    throw new InvalidOperationException("The subscription is not inserted, or is being removed already.");
            }
        }
    }

    /// <summary>Takes a subscription's number, once it is not the present one (NTF-04).</summary>
    internal ulong ReadBegin(MmuIntervalNotifier subscription)
    {
        RefuseInsideCallback("read");
        if (LockOrder.IsWatched)
        {
            LockOrder.Entering(LockRank.InvalidationEnd);
        }

        // Taking the lock pairs with the last end giving it up (NTF-07). A start may already have made the number odd without its
        // callback having stored it yet; then an outdated number is returned, and the retry test catches it (NTF-05).
        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            ulong sequence = subscription.LoadSequence();
            WaitWhileSequenceIs(sequence);
            return sequence;
        }
    }

    /// <summary>Waits, with the lock, until the number has passed. Numbers do not come back (NTF-02), so no wake-up is missed.</summary>
    private void WaitWhileSequenceIs(ulong sequence)
    {
        if (_sequence != sequence)
        {
            return;
        }

        if (LockOrder.IsWatched)
        {
            LockOrder.Contended(LockRank.InvalidationEnd);
        }

        while (_sequence == sequence)
        {
            Monitor.Wait(_lock);
        }

        if (LockOrder.IsWatched)
        {
            LockOrder.WaitEnded();
        }
    }

    /// <summary>With the lock: the last invalidation in flight has ended, and the number is odd.</summary>
    private void CompleteInvalidations()
    {
        Volatile.Write(ref _sequence, _sequence + 1);
        while (_deferred.TakeFirst() is { } subscription)
        {
            if (subscription.Links.Place == IntervalPlace.AwaitingInsert)
            {
                subscription.Links.Place = IntervalPlace.Tree;
                _tree.Insert(subscription);
            }
            else
            {
                _tree.Remove(subscription);
                Forget(subscription);
            }
        }

        // All waiters, not one: each waits for this same number to pass (NTF-11).
        Interlocked.Increment(ref _wakeUps);
        Monitor.PulseAll(_lock);
    }

    private static void Forget(MmuIntervalNotifier subscription)
    {
        subscription.Links.Place = IntervalPlace.Nowhere;
        subscription.Detach();
    }

    /// <summary>What would wait for the invalidation that this thread is itself delivering is refused instead.</summary>
    internal void RefuseInsideCallback(string what, string who = "subscription")
    {
        if (ReferenceEquals(t_delivering, this))
        {
            throw new InvalidOperationException(
                $"A {who} cannot be {what} inside a callback of its address space: it would wait for itself.");
        }
    }
}
