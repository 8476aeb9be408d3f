using System;
using System.Runtime.ExceptionServices;
using System.Threading;
using Hmm.Core.Locking;

namespace Hmm.Core.Notifiers;

// Telling everybody of a start.
public sealed partial class MmuNotifierSubscriptions
{
    private enum StartKind
    {
        /// <summary>Is taken back if somebody refuses or throws.</summary>
        Ordinary,

        /// <summary>Happens whatever callbacks do; it is blockable.</summary>
        ForGood,

        /// <summary>The same, and ends the address space.</summary>
        Last,
    }

    /// <summary>As <see cref="InvalidateRangeStart"/>, for a change that is under way and cannot be given up: it is in flight afterwards in any case.</summary>
    /// <param name="range">The invalidation; blockable, so nobody may refuse.</param>
    /// <returns>What the first callback threw that did; the caller passes it on when the change is done.</returns>
    internal ExceptionDispatchInfo? StartForGood(in MmuNotifierRange range)
    {
        Start(in range, range.Range.Start.Value, range.Range.End.Value - 1, StartKind.ForGood, out ExceptionDispatchInfo? failure);
        return failure;
    }

    /// <summary>Calls the overlapping subscriptions, then those that are told of everything; takes back the start if one refuses.</summary>
    private HmmStatus Deliver(in MmuNotifierRange range, in Delivery delivery, StartKind kind, out ExceptionDispatchInfo? failure)
    {
        MmuNotifierSubscriptions? outer = t_delivering;
        t_delivering = this;
        failure = null;
        int hits = 0;
        int told = 0;
        bool isRefused = true;
        try
        {
            isRefused = !TellIntervals(in range, in delivery, ref hits, ref failure)
                || !TellStarts(in range, delivery.Notifiers, ref told, ref failure)
                || (failure is not null && kind == StartKind.Ordinary);
        }
        finally
        {
            t_delivering = outer;
            Observer?.InvalidateStarted(in range, delivery.Sequence, hits);
            if (isRefused)
            {
                Unwind(in range, in delivery, told);
            }
            else
            {
                using (new MonitorHold(_lock, LockRank.Notifiers))
                {
                    _inFlight.MarkStarted(delivery.Serial);
                }
            }
        }

        return isRefused ? HmmStatus.Again : HmmStatus.Success;
    }

    /// <summary>
    /// Calls the overlapping subscriptions in order, from the first one on. Reads the frozen tree without the lock (NTF-01). False at a
    /// refusal.
    /// </summary>
    private bool TellIntervals(in MmuNotifierRange range, in Delivery delivery, ref int hits, ref ExceptionDispatchInfo? failure)
    {
        for (MmuIntervalNotifier? hit = delivery.Hit; hit is not null; hit = IntervalTree.NextOverlap(hit, delivery.First, delivery.Last))
        {
            hits++;
            if (TellInterval(hit, in range, delivery.Sequence, ref failure))
            {
                continue;
            }

            if (!range.IsBlockable)
            {
                return false;
            }

            Interlocked.Increment(ref _refusalsIgnored);
        }

        return true;
    }

    private static bool TellInterval(MmuIntervalNotifier hit, in MmuNotifierRange range, ulong sequence, ref ExceptionDispatchInfo? failure)
    {
        bool isBlockable = range.IsBlockable;
        try
        {
            return hit.Ops.Invalidate(hit, in range, sequence);
        }
        catch (Exception thrown) when (isBlockable)
        {
            // As a refusal where none is allowed: the others must hear of it nevertheless.
            failure ??= ExceptionDispatchInfo.Capture(thrown);
            return false;
        }
    }

    /// <summary>Ends an invalidation that was refused (NTF-10): who was told its start before is told its end (NTF-13).</summary>
    private void Unwind(in MmuNotifierRange range, in Delivery delivery, int told)
    {
        MmuNotifier[] joined;
        ulong sequence;
        using (new MonitorHold(_lock, LockRank.Notifiers))
        {
            joined = _inFlight.Take(delivery.Serial);
            sequence = EndOne();
        }

        Observer?.InvalidateEnded(in range, sequence);
        TellEnds(in range, delivery.Notifiers.AsSpan(0, told), joined);
    }

    /// <summary>A start under way: whom to call, and with which number.</summary>
    private readonly record struct Delivery(
        MmuIntervalNotifier? Hit, ulong First, ulong Last, ulong Sequence, MmuNotifier[] Notifiers, ulong Serial);
}
