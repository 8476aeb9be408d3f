using System;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;

namespace Hmm.Svm.Services;

/// <summary>Serves one device's faults: fetch, sort, window by window, replay.</summary>
/// <remarks>Thread-safe: one call at a time. Every loop is bounded: a call by the entries and the batch policy, an access by the profile's attempts.</remarks>
public sealed partial class FaultService
{
    /// <summary>Batches of one call, whatever a policy says.</summary>
    private const int BatchesMax = 4096;

    /// <summary>Faults that hardware which tries again by itself repeats while one is served.</summary>
    private const int RepeatsMax = 16;

    private readonly SvmDevice _device;
    private readonly SvmSystem _system;
    private readonly DriverProfile _profile;
    private readonly WindowService _windows;
    private readonly FaultBatch _batch;
    private int _served;
    private int _cancelled;
    private int _throttled;
    private int _entries;
    private int _unreplayed;
    private int _replays;
    private long _throttledUntil;
    private bool _hasFailed;

    internal FaultService(SvmDevice device)
    {
        _device = device;
        _system = device.System;
        _profile = _system.Profile;
        _windows = new WindowService(device);
        _batch = new FaultBatch(device);
        _valve = NewValve(_profile);
    }

    /// <summary>Serves what is in the fault buffer, as long as the batch policy says.</summary>
    /// <returns>What was done.</returns>
    public ServiceOutcome Serve()
    {
        lock (_device.ServiceLock)
        {
            return ServeLocked();
        }
    }

    /// <summary>Serves until no access waits and no fault is pending.</summary>
    /// <returns>How many calls it took.</returns>
    /// <remarks>Ends: each call either serves or cancels something, or counts an attempt of every access that waits.</remarks>
    public int ServeUntilIdle()
    {
        int calls = 0;
        while (HasWork())
        {
            Serve();
            calls++;
        }

        return calls;
    }

    private bool HasWork()
    {
        lock (_device.Gpu.Lock)
        {
            return _device.Gpu.StalledCount > 0 || _device.Gpu.Faults.Pending > 0;
        }
    }

    private ServiceOutcome ServeLocked()
    {
        (_served, _cancelled, _throttled, _entries) = (0, 0, 0, 0);
        (_unreplayed, _replays, _throttledUntil, _hasFailed) = (0, 0, long.MaxValue, false);
        lock (_system.StateLock)
        {
            _system.Report.Time.Delivery += (long)_system.Clock.Pass(_system.Costs.FaultDelivery);
        }

        _system.Unpin();
        long start = _system.Clock.Now;
        int throttledBatches = 0;
        for (int batches = 0; batches < BatchesMax; batches++)
        {
            int limit = NextBatch(batches, throttledBatches, _system.Clock.Now - start);
            if (limit == 0)
            {
                break;
            }

            throttledBatches += ServeBatch(limit) ? 1 : 0;
        }

        Finish();
        return new ServiceOutcome(_entries, _served, _cancelled, _throttled, _replays);
    }

    private int NextBatch(int batches, int throttledBatches, long elapsed)
    {
        int pending;
        lock (_device.Gpu.Lock)
        {
            pending = _device.Gpu.Faults.Pending;
        }

        if (pending == 0)
        {
            return 0;
        }

        lock (_system.StateLock)
        {
            BatchDecision decision = _system.Policies.Batch.Next(new BatchQuery
            {
                Device = _device.Agent,
                Pending = pending,
                Capacity = _device.Gpu.Faults.Capacity,
                BatchesDone = batches,
                ThrottledBatches = throttledBatches,
                Elapsed = elapsed,
            });
            _system.Explain("batch", _device.Agent, 0, 0, decision.Reason);
            return decision.Limit > 0 ? decision.Limit : batches == 0 ? 1 : 0;
        }
    }

    /// <summary>Serves one batch.</summary>
    /// <returns>Whether something of it was put off.</returns>
    private bool ServeBatch(int limit)
    {
        long start = _system.Clock.Now;
        _batch.Fetch(limit);
        _batch.Sort();
        long moved = _device.Migration.PagesMoved;
        BatchRecord record = new(_device.Agent, start, 0, _batch.Entries, _batch.Duplicates, 0, 0, 0, 0, 0);
        lock (_system.StateLock)
        {
            ModelledTime time = _system.Report.Time;
            time.Batch += _batch.Faults.IsEmpty ? 0 : (long)_system.Clock.Pass(_system.Costs.Batch);
            time.Parse += (long)_system.Clock.Pass(_system.Costs.Parse * _batch.Entries);
            Announce();
        }

        _windows.HasSeenAtomic = false;
        _invalidPrefetches = 0;
        ReadOnlySpan<PendingFault> left = _batch.Faults;
        if (_system.Hooks != null && !left.IsEmpty)
        {
            _system.Hooks.At(ServicePoint.BatchFetched, left[0].Channel.Space, default);
        }

        while (!left.IsEmpty)
        {
            long invalidations = _device.Gpu.Tlb.Invalidations;
            int taken = _hasFailed ? FailAll(left) : _windows.Serve(left);
            AfterWindow(left[..taken], invalidations);
            record = record with
            {
                Windows = record.Windows + 1,
                Duplicates = record.Duplicates + _windows.Duplicates,
                PagesMapped = record.PagesMapped + _windows.PagesMapped,
                Throttled = record.Throttled + _windows.Throttled,
                Cancelled = record.Cancelled + _windows.Cancelled,
            };
            left = left[taken..];
            Reply(ReplayMoment.AfterBlock, record);
        }

        lock (_system.StateLock)
        {
            _system.Report.Batches++;
            _system.Report.Duplicates += record.Duplicates;
            record = record with { End = _system.Clock.Now, PagesMoved = (int)(_device.Migration.PagesMoved - moved) };
            _system.Options.Observer?.BatchServed(record);
        }

        _entries += record.Entries;
        WatchPrefetches(limit);
        Reply(ReplayMoment.AfterBatch, record);
        return record.Throttled > 0;
    }

    private void Announce()
    {
        if (_system.Options.Observer == null)
        {
            return;
        }

        foreach (ref readonly PendingFault fault in _batch.Faults)
        {
            _system.Options.Observer.Faulted(
                new FaultRecord(_device.Agent, fault.Kind, fault.Channel.Space.Index, fault.Page, _system.Clock.Now));
        }
    }

    private void AfterWindow(ReadOnlySpan<PendingFault> faults, long invalidationsBefore)
    {
        _served += _windows.Served;
        _cancelled += _windows.Cancelled;
        _throttled += _windows.Throttled;
        _throttledUntil = Math.Min(_throttledUntil, _windows.ThrottledUntil);
        _unreplayed += _windows.Served;
        _hasFailed |= _windows.Cancelled > 0 && _profile.Defects.Has(DriverDefects.FailureSticks);
        lock (_system.StateLock)
        {
            long invalidations = _device.Gpu.Tlb.Invalidations - invalidationsBefore;
            _system.Report.Time.TlbInvalidation += (long)_system.Clock.Pass(_system.Costs.TlbInvalidation * invalidations);
            _system.Report.InvalidPrefetches += _windows.InvalidPrefetches;
            _invalidPrefetches += _windows.InvalidPrefetches;
        }

        if (_windows.Served == 0)
        {
            _batch.Unfilter(faults[0]);
        }

        if (_profile.Reply == ReplyModel.Acknowledge)
        {
            Acknowledge(faults);
        }
    }

    /// <summary>Xe's defect: after one fault failed, all that follow fail.</summary>
    private int FailAll(ReadOnlySpan<PendingFault> faults)
    {
        int cancelled = 0;
        foreach (ref readonly PendingFault fault in faults)
        {
            lock (_device.Gpu.Lock)
            {
                cancelled += _device.Gpu.Cancel(fault.Channel.Gpu, fault.Page, fault.Kind, fault.Kind);
            }
        }

        lock (_system.StateLock)
        {
            _system.Report.Cancels += cancelled;
        }

        return faults.Length;
    }

    private void Acknowledge(ReadOnlySpan<PendingFault> faults)
    {
        _device.Migration.WaitForCopies();
        int givenUp = 0;
        lock (_device.Gpu.Lock)
        {
            foreach (ref readonly PendingFault fault in faults)
            {
                givenUp += _device.Gpu.Acknowledge(fault.Channel.Gpu, fault.Page, _system.Clock.Now, _profile.AttemptsMax);
            }
        }

        CountReplay(givenUp);
    }

    private void Reply(ReplayMoment moment, in BatchRecord record)
    {
        if (_profile.Reply == ReplyModel.DeviceRetries && moment == ReplayMoment.AfterBatch)
        {
            _device.Migration.WaitForCopies();
            lock (_device.Gpu.Lock)
            {
                // Nothing can be done now that could not be done before, unless something was mapped.
                if (record.PagesMapped > 0)
                {
                    _device.Gpu.Settle();
                    _device.Gpu.RepeatFaults(_system.Clock.Now, RepeatsMax);
                }
            }

            return;
        }

        if (_profile.Reply != ReplyModel.Replay)
        {
            return;
        }

        int pending;
        lock (_device.Gpu.Lock)
        {
            pending = _device.Gpu.Faults.Pending;
        }

        ReplayDecision decision;
        lock (_system.StateLock)
        {
            decision = _system.Policies.Replay.Decide(new ReplayQuery
            {
                Device = _device.Agent,
                Moment = moment,
                BatchEntries = record.Entries,
                Duplicates = record.Duplicates,
                Unreplayed = _unreplayed,
                Pending = pending,
                ReplaysDone = _replays,
            });
            _system.Explain("replay", _device.Agent, 0, 0, decision.Reason);
        }

        if (decision.Action != ReplayAction.None)
        {
            Replay(decision.Action);
        }
    }

    private void Replay(ReplayAction action)
    {
        _device.Migration.WaitForCopies();
        int flushed = 0;
        int givenUp;
        lock (_device.Gpu.Lock)
        {
            Gpu gpu = _device.Gpu;
            if (action != ReplayAction.Replay)
            {
                flushed = gpu.Faults.Flush(action == ReplayAction.FlushAndReplay ? _batch.PutSeen : gpu.Faults.Put);
            }

            gpu.Faults.HasOverflowed = false;
            givenUp = gpu.Replay(_system.Clock.Now, _profile.AttemptsMax);
        }

        lock (_system.StateLock)
        {
            _system.Report.Flushed += flushed;
        }

        _unreplayed = 0;
        if (_profile.Reply == ReplyModel.Replay)
        {
            CountReplay(givenUp);
        }
        else
        {
            // The device tries again by itself; nobody told it to.
            CountGivenUp(givenUp);
        }
    }

    private void CountReplay(int givenUp)
    {
        (_replays, _cancelled) = (_replays + 1, _cancelled + givenUp);
        lock (_system.StateLock)
        {
            _system.Report.Cancels += givenUp;
            _system.Report.Replays++;
            _system.Report.Time.Replay += (long)_system.Clock.Pass(_system.Costs.Replay);
        }
    }

    private void CountGivenUp(int givenUp)
    {
        _cancelled += givenUp;
        lock (_system.StateLock)
        {
            _system.Report.Cancels += givenUp;
        }
    }

    /// <summary>At the end of a call: at least one replay, whatever the policy says, and time passes if nothing else could be done.</summary>
    private void Finish()
    {
        lock (_system.StateLock)
        {
            if (_served == 0 && _cancelled == 0)
            {
                long until = _throttledUntil != long.MaxValue ? _throttledUntil : _system.Clock.Now + _profile.FilterNs;
                _system.Report.Time.Throttled += _system.Clock.PassUntil(until);
            }
        }

        int before = _replays;
        Reply(ReplayMoment.AtEnd, default);
        if (_replays > before)
        {
            return;
        }

        bool mustRetry = _profile.Reply == ReplyModel.Replay && (_unreplayed > 0 || _replays == 0 || (_served == 0 && _cancelled == 0));
        lock (_device.Gpu.Lock)
        {
            Gpu gpu = _device.Gpu;
            mustRetry |= gpu.Faults.HasOverflowed || (gpu.Faults.Pending == 0 && gpu.StalledCount > 0);
        }

        if (mustRetry)
        {
            Replay(ReplayAction.Replay);
        }
    }
}
