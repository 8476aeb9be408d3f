using System.Threading;
using System.Threading.Tasks;
using Hmm.Core.Locking;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Mirroring;

// What the address space tells the range.
public sealed partial class MirrorRange
{
    /// <inheritdoc/>
    bool IMmuNotifierOps.InvalidateRangeStart(in MmuNotifierRange range)
    {
        if (!Range.Overlaps(range.Range))
        {
            return true;
        }

        bool isReady;
        using (new MonitorHold(_gate, LockRank.MirrorRange))
        {
            Volatile.Write(ref _inFlight, _inFlight + 1);
            Volatile.Write(ref _changes, _changes + 1);
            isReady = _isReady;
        }

        // A refusal or an exception that is not allowed is passed over, and its end comes; after one that is, no end does (NTF-13).
        bool isOwedEnd = range.IsBlockable;
        try
        {
            bool isForgotten = !isReady || Ops.Invalidate(this, in range);
            isOwedEnd |= isForgotten;
            return isForgotten;
        }
        finally
        {
            if (!isOwedEnd)
            {
                EndOne();
            }
        }
    }

    /// <inheritdoc/>
    void IMmuNotifierOps.InvalidateRangeEnd(in MmuNotifierRange range)
    {
        if (Range.Overlaps(range.Range))
        {
            EndOne();
        }
    }

    /// <inheritdoc/>
    void IMmuNotifierOps.Release()
    {
        bool isReady;
        using (new MonitorHold(_gate, LockRank.MirrorRange))
        {
            Volatile.Write(ref _isDead, true);
            Volatile.Write(ref _changes, _changes + 1);
            isReady = _isReady;
            WakeAll(isValid: false);
        }

        if (isReady)
        {
            Ops.Invalidate(this, new MmuNotifierRange(Range, MmuNotifierEvent.Release));
        }
    }

    /// <summary>Whether an invalidation has started, or the address space has died, since the number was taken.</summary>
    internal bool HasChangedSince(ulong changes) => Volatile.Read(ref _changes) != changes;

    private void EndOne()
    {
        using (new MonitorHold(_gate, LockRank.MirrorRange))
        {
            Volatile.Write(ref _inFlight, _inFlight - 1);
            if (_inFlight == 0)
            {
                _quiets++;
                WakeAll(isValid: !_isDead);
            }
        }
    }

    /// <summary>With the lock: wakes everybody (MIR-04).</summary>
    private void WakeAll(bool isValid)
    {
        Monitor.PulseAll(_gate);
        TaskCompletionSource<bool>? wake = _wake;
        _wake = null;

        // Runs nothing here: continuations go elsewhere.
        wake?.SetResult(isValid);
    }
}
