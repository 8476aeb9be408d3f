using System;
using System.Runtime.ExceptionServices;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Locking;

namespace Hmm.Core.Notifiers;

// The subscribers that are told both start and end.
public sealed partial class MmuNotifierSubscriptions
{
    /// <summary>Replaced, never changed, under the lock; so a start may go through it without.</summary>
    private MmuNotifier[] _notifiers = InFlightInvalidations.Nobody;

    private InFlightInvalidations _inFlight = new();
    private QuietInvalidations _quiet = new();

    /// <summary>Adds a subscription and tells it what is in flight already (NTF-14).</summary>
    /// <returns><see cref="HmmStatus.Success"/>, or <see cref="HmmStatus.Invalid"/> if the address space has ended.</returns>
    internal HmmStatus Register(MmuNotifier notifier)
    {
        InFlightInvalidation[] earlier;
        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            if (_isReleased)
            {
                return HmmStatus.Invalid;
            }

            _notifiers = [.. _notifiers, notifier];
            // Their ends become this subscriber's business, so they are quiet no longer.
            Volatile.Write(ref _active, _active + _quiet.MoveTo(ref _inFlight));
            earlier = _inFlight.ToArray();
        }

        bool isTold = false;
        try
        {
            foreach (ref readonly InFlightInvalidation invalidation in earlier.AsSpan())
            {
                TellEarlierStart(notifier, in invalidation);
            }

            isTold = true;
        }
        finally
        {
            if (!isTold)
            {
                Unregister(notifier);
            }
        }

        return HmmStatus.Success;
    }

    /// <summary>Removes a subscription; returns when no callback of it runs or will run (NTF-15).</summary>
    internal void Unregister(MmuNotifier notifier)
    {
        if (LockOrder.IsWatched)
        {
            // What it may wait for are callbacks, which take the locks of drivers.
            LockOrder.Entering(LockRank.Driver);
        }

        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            _notifiers = Array.FindAll(_notifiers, other => !ReferenceEquals(other, notifier));
            notifier.Close();
            while (notifier.HasCallbacks)
            {
                Monitor.Wait(_lock);
            }
        }
    }

    // Whoever takes the invalidation out of the list owes the end to all who have joined by then; who comes too late to join knows that
    // it has ended, and says so itself. Either way the subscriber gets one end, after this start.
    private void TellEarlierStart(MmuNotifier notifier, in InFlightInvalidation invalidation)
    {
        var addresses = new VirtualRange(new(invalidation.Start), new(invalidation.End));
        var range = new MmuNotifierRange(addresses, invalidation.Event, isBlockable: true, invalidation.Owner);
        MmuNotifier[] alone = [notifier];
        int told = 0;
        MmuNotifierSubscriptions? outer = t_delivering;
        t_delivering = this;
        try
        {
            ExceptionDispatchInfo? failure = null;
            TellStarts(in range, alone, ref told, ref failure);
            failure?.Throw();
        }
        finally
        {
            t_delivering = outer;
        }

        bool isInFlight;
        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            isInFlight = _inFlight.TryJoin(invalidation.Serial, notifier);
        }

        if (!isInFlight)
        {
            TellEnds(in range, alone, []);
        }
    }

    /// <summary>Tells the start in order, counting up; false at a refusal: who refused is the one at the count.</summary>
    private bool TellStarts(in MmuNotifierRange range, MmuNotifier[] notifiers, ref int told, ref ExceptionDispatchInfo? failure)
    {
        for (; told < notifiers.Length; told++)
        {
            MmuNotifier notifier = notifiers[told];
            if (!notifier.TryEnter())
            {
                continue;
            }

            bool isBlockable = range.IsBlockable;
            bool isRefused = true;
            try
            {
                isRefused = !notifier.Ops.InvalidateRangeStart(in range);
            }
            catch (Exception thrown) when (isBlockable)
            {
                failure ??= ExceptionDispatchInfo.Capture(thrown);
            }
            finally
            {
                Leave(notifier);
            }

            if (isRefused && !isBlockable)
            {
                return false;
            }

            if (isRefused)
            {
                Interlocked.Increment(ref _refusalsIgnored);
            }
        }

        return true;
    }

    private void TellEnds(in MmuNotifierRange range, ReadOnlySpan<MmuNotifier> told, MmuNotifier[] joined)
    {
        ExceptionDispatchInfo? failure = null;
        MmuNotifierSubscriptions? outer = t_delivering;
        t_delivering = this;
        foreach (MmuNotifier notifier in told)
        {
            Tell(notifier, in range, isRelease: false, ref failure);
        }

        foreach (MmuNotifier notifier in joined)
        {
            Tell(notifier, in range, isRelease: false, ref failure);
        }

        t_delivering = outer;
        failure?.Throw();
    }

    private void Tell(MmuNotifier notifier, in MmuNotifierRange range, bool isRelease, ref ExceptionDispatchInfo? failure)
    {
        if (!notifier.TryEnter())
        {
            return;
        }

        try
        {
            if (isRelease)
            {
                notifier.Ops.Release();
            }
            else
            {
                notifier.Ops.InvalidateRangeEnd(in range);
            }
        }
        catch (Exception thrown)
        {
            // The others must hear of it nevertheless.
            failure ??= ExceptionDispatchInfo.Capture(thrown);
        }
        finally
        {
            Leave(notifier);
        }
    }

    private void TellRelease()
    {
        MmuNotifier[] notifiers;
        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            notifiers = _notifiers;
        }

        ExceptionDispatchInfo? failure = null;
        MmuNotifierSubscriptions? outer = t_delivering;
        t_delivering = this;
        foreach (MmuNotifier notifier in notifiers)
        {
            Tell(notifier, default, isRelease: true, ref failure);
        }

        t_delivering = outer;
        failure?.Throw();
    }

    private void Leave(MmuNotifier notifier)
    {
        if (notifier.LeaveWasLast())
        {
            using (new MonitorHold(_lock, LockRank.Notifiers))
            {
                Monitor.PulseAll(_lock);
            }
        }
    }
}
