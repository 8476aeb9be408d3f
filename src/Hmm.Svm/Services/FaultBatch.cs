using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>The faults that are served together: fetched from the buffer, translated, filtered, coalesced, sorted.</summary>
/// <remarks>Under the device's service lock. No allocation after construction.</remarks>
internal sealed class FaultBatch
{
    /// <summary>How often an unfinished entry is looked at before it is dropped; real drivers wait for ever, or not at all.</summary>
    private const int UnfinishedLooksMax = 1000;

    private readonly SvmDevice _device;
    private readonly DriverProfile _profile;
    private readonly FaultFilter? _filter;
    private readonly PendingFault[] _faults;
    private readonly PendingFault[] _scratch;
    private readonly int[] _lastOfClient = new int[128];
    private readonly int[] _kinds = new int[(int)AccessKind.Atomic + 1];
    private readonly List<(FaultRecord Fault, int Cancelled)> _refused = [];
    private int _count;
    private int _unfinishedLooks;

    public FaultBatch(SvmDevice device)
    {
        _device = device;
        _profile = device.System.Profile;
        _filter = _profile.FilterEntries > 0 ? new FaultFilter(_profile.FilterEntries, _profile.FilterNs) : null;
        _faults = new PendingFault[device.Gpu.Faults.Capacity];
        _scratch = new PendingFault[_faults.Length];
    }

    /// <summary>The faults, in the order of service.</summary>
    public ReadOnlySpan<PendingFault> Faults => _faults.AsSpan(0, _count);

    /// <summary>Entries fetched.</summary>
    public int Entries { get; private set; }

    /// <summary>Entries that the filter dropped.</summary>
    public int Duplicates { get; private set; }

    /// <summary>PUT as it was when the batch was fetched.</summary>
    public int PutSeen { get; private set; }

    /// <summary>Fetches entries, up to a limit.</summary>
    public void Fetch(int limit)
    {
        _count = 0;
        Entries = 0;
        Duplicates = 0;
        if (_profile.CoalescesAtFetch)
        {
            Array.Fill(_lastOfClient, -1);
        }

        bool drops = _profile.Defects.Has(DriverDefects.DropInvalidEntries);
        lock (_device.Gpu.Lock)
        {
            FaultBuffer buffer = _device.Gpu.Faults;
            PutSeen = buffer.Put;
            while (Entries < Math.Min(limit, _faults.Length) && buffer.Pending > 0)
            {
                if (!buffer.TryRead(out FaultEntry entry, drops))
                {
                    // The device has not finished this one. Take what there is; with nothing yet, look again.
                    if (Entries > 0 || !WaitForDevice(buffer))
                    {
                        break;
                    }

                    continue;
                }

                Entries++;
                _kinds[(int)entry.Kind & 3]++;
                if (entry.IsValid)
                {
                    Take(entry);
                }
            }
        }

        Count();
    }

    /// <summary>Counts what was fetched, outside the device's lock.</summary>
    private void Count()
    {
        SvmSystem system = _device.System;
        lock (system.StateLock)
        {
            for (int kind = 0; kind < _kinds.Length; kind++)
            {
                system.Report.DeviceFaults.Add((AccessKind)kind, _kinds[kind]);
                _kinds[kind] = 0;
            }

            foreach ((FaultRecord refused, int cancelled) in _refused)
            {
                system.Report.Cancels += Math.Max(cancelled, 1);
                system.Options.Observer?.Cancelled(refused, new Policies.Reason("unknown-instance"));
            }
        }

        _refused.Clear();
    }

    public void Sort() => FaultOrder.Sort(_faults.AsSpan(0, _count), _scratch.AsSpan(0, _count), _profile.Defects);

    /// <summary>Lets the filter listen to a fault again.</summary>
    public void Unfilter(in PendingFault fault) => _filter?.Forget(fault.Channel.Space.Index, fault.Page);

    private bool WaitForDevice(FaultBuffer buffer)
    {
        if (++_unfinishedLooks > UnfinishedLooksMax)
        {
            _unfinishedLooks = 0;
            return buffer.TryRead(out _, dropUnfinished: true);
        }

        buffer.Finish();
        return true;
    }

    private void Take(in FaultEntry entry)
    {
        SvmChannel? channel = _device.FindChannel(entry.Instance);
        ulong page = entry.Address >> PageConstants.PageShift;
        if (channel == null)
        {
            Refuse(entry, page);
            return;
        }

        int space = channel.Space.Index;
        if (_filter != null && _filter.IsKnown(space, page, entry.Time))
        {
            Duplicates++;
            return;
        }

        if (_profile.CoalescesAtFetch && (TryJoin(_lastOfClient[entry.Client], channel, page, entry.Kind, isSameClient: true)
            || TryJoin(_count - 1, channel, page, entry.Kind, isSameClient: false)))
        {
            // Counted as a duplicate when its representative is served.
            return;
        }

        _lastOfClient[entry.Client] = _count;
        _faults[_count] = new PendingFault
        {
            Channel = channel,
            Page = page,
            Kind = entry.Kind,
            Arrival = _count,
            Instances = 1,
            Client = (byte)entry.Client,
        };
        _count++;
    }

    /// <summary>Lets a fault that was fetched stand for one more; across clients only if the newcomer wants no more than it does.</summary>
    private bool TryJoin(int index, SvmChannel channel, ulong page, AccessKind kind, bool isSameClient)
    {
        if (index < 0)
        {
            return false;
        }

        ref PendingFault known = ref _faults[index];
        if (known.Page != page || known.Channel != channel || (!isSameClient && kind > known.Kind))
        {
            return false;
        }

        known.Kind = kind > known.Kind ? kind : known.Kind;
        known.Instances++;
        return true;
    }

    /// <summary>A fault of no address space that is open: whoever waits for it waits in vain.</summary>
    private void Refuse(in FaultEntry entry, ulong page)
    {
        GpuChannel? closed = _device.Gpu.FindAnyChannel(entry.Instance);
        int cancelled = closed == null ? 0 : _device.Gpu.Cancel(closed, page, AccessKind.Read, AccessKind.Atomic);
        _refused.Add((new FaultRecord(_device.Agent, entry.Kind, -1, page, _device.System.Clock.Now), cancelled));
    }
}
