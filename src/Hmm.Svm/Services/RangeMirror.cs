using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>Range-faults pages of one block and enters them in a device's page table: begin, walk, lock, check, enter, or begin again within a budget.</summary>
/// <remarks>Under the device's service lock. The engine's own loop is <see cref="MirrorFault"/>; this one can also be wrong in the ways that drivers were.</remarks>
internal sealed class RangeMirror(SvmDevice device)
{
    /// <summary>Beyond this no policy and no defect goes.</summary>
    private const int AttemptsBound = 10_000;

    private readonly SvmSystem _system = device.System;
    private readonly DriverDefects _defects = device.System.Profile.Defects;
    private readonly ulong[] _huge = new ulong[GpuBlock.Pages];

    /// <summary>What each page asks for: bits of <see cref="GpuEntry"/>. The caller fills it from the window's first page on.</summary>
    public ulong[] Requests { get; } = new ulong[GpuBlock.Pages];

    /// <summary>What each page got, from the window's first page on.</summary>
    public ulong[] Words { get; } = new ulong[GpuBlock.Pages];

    /// <summary>Why a page did not get it.</summary>
    public PageObstacle[] Obstacles { get; } = new PageObstacle[GpuBlock.Pages];

    /// <summary>Pages entered by the last call.</summary>
    public int PagesMapped { get; private set; }

    /// <summary>Faults and enters pages.</summary>
    /// <param name="channel">Where.</param>
    /// <param name="page">The first page.</param>
    /// <param name="count">How many; they lie in one block.</param>
    /// <param name="wanted">Which pages of the block may be entered.</param>
    /// <param name="kind">The strongest access that waits, for the budget.</param>
    /// <returns>Busy if the budget is spent, Invalid if the process is gone; otherwise the words have been entered, and what failed says why.</returns>
    public HmmStatus Run(SvmChannel channel, ulong page, int count, in PageMask wanted, AccessKind kind)
    {
        PagesMapped = 0;
        MmuIntervalNotifier? notifier = channel.Space.Space.IsDead ? null : channel.Borrow(page, count);
        if (notifier == null)
        {
            return HmmStatus.Invalid;
        }

        if (_defects.Has(DriverDefects.RequestsOverwritten))
        {
            Requests.AsSpan(0, count).CopyTo(Words);
        }

        try
        {
            return Loop(channel, notifier, page, count, wanted, kind);
        }
        finally
        {
            channel.Return(notifier);
        }
    }

    private HmmStatus Loop(SvmChannel channel, MmuIntervalNotifier notifier, ulong page, int count, in PageMask wanted, AccessKind kind)
    {
        VirtualRange range = VirtualRange.FromPages(VirtualAddress.FromPage(page), (ulong)count);
        long since = _system.Clock.Now;
        ulong sequence = 0;
        for (int attempt = 1; ; attempt++)
        {
            if (attempt == 1 || !_defects.Has(DriverDefects.SequenceReadOnce))
            {
                sequence = notifier.ReadBegin();
            }

            _system.Hooks?.At(ServicePoint.SequenceRead, channel.Space, range);
            HmmStatus status = Walk(channel, notifier, sequence, range, count);
            _system.Hooks?.At(ServicePoint.Walked, channel.Space, range);
            if (status == HmmStatus.Invalid)
            {
                return status;
            }

            bool hasWalked = status != HmmStatus.Busy;
            if (hasWalked && TryEnter(channel, notifier, sequence, page, count, wanted))
            {
                return HmmStatus.Success;
            }

            if (!MayRetry(channel, page, attempt, since, kind, hasWalked))
            {
                return HmmStatus.Busy;
            }
        }
    }

    private HmmStatus Walk(SvmChannel channel, MmuIntervalNotifier notifier, ulong sequence, VirtualRange pages, int count)
    {
        bool overwrites = _defects.Has(DriverDefects.RequestsOverwritten);
        HmmRange range = new()
        {
            Space = channel.Space.Space,
            Notifier = notifier,
            NotifierSequence = sequence,
            Range = pages,
            Pfns = Words.AsSpan(0, count),
            Requests = (overwrites ? Words : Requests).AsSpan(0, count),
            PfnFlagsMask = ulong.MaxValue,
            Profile = FaultProfile.Exact,
            Obstacles = Obstacles.AsSpan(0, count),
            DevicePrivateOwner = device,
        };
        channel.Space.Space.MmapLock.EnterRead();
        try
        {
            return HmmRangeFault.Run<GpuEntryFormat>(ref range);
        }
        finally
        {
            channel.Space.Space.MmapLock.ExitRead();
        }
    }

    private bool TryEnter(SvmChannel channel, MmuIntervalNotifier notifier, ulong sequence, ulong page, int count, in PageMask wanted)
    {
        int first = (int)(page & (GpuBlock.Pages - 1));
        lock (device.Gpu.Lock)
        {
            if (notifier.ReadRetry(sequence))
            {
                return false;
            }

            for (int i = 0; i < count; i++)
            {
                GpuEntry entry = new(Words[i]);
                if (!wanted.Has(first + i))
                {
                    Words[i] = 0;
                }
                else if (entry.IsWritable && !entry.IsOwnMemory)
                {
                    // The device writes without telling the CPU's entry; a clean page could be dropped.
                    _system.Memory.MarkDirty(entry.Pfn);
                }
            }

            Enter(channel, page, Words.AsSpan(0, count));
            return true;
        }
    }

    private void Enter(SvmChannel channel, ulong page, ReadOnlySpan<ulong> words)
    {
        DriverProfile profile = _system.Profile;
        GpuEntry only = new(words[0]);
        if (words.Length == 1 && only.CpuOrder == GpuEntry.HugeOrder && profile.MaxLeafOrder == GpuEntry.HugeOrder && !only.IsOwnMemory)
        {
            // The CPU maps 2 MiB at once, and an invalidation of any part of it will name all of it.
            ulong offset = page & (GpuBlock.Pages - 1);
            for (int i = 0; i < _huge.Length; i++)
            {
                _huge[i] = only.Value + (((ulong)i - offset) << PageConstants.PageShift);
            }

            words = _huge;
            page -= offset;
        }

        PagesMapped = channel.Gpu.PageTable.Map(page, words, profile.MaxLeafOrder, out bool hasReplaced);
        if (hasReplaced)
        {
            device.Gpu.Tlb.Invalidate(channel.Gpu.Id, page, (ulong)words.Length);
        }
    }

    private bool MayRetry(SvmChannel channel, ulong page, int attempt, long since, AccessKind kind, bool hasWalked)
    {
        lock (_system.StateLock)
        {
            _system.Report.MirrorRetries++;
            _system.Report.Time.TlbInvalidation += (long)_system.Clock.Pass(_system.Costs.TlbInvalidation);
            if (attempt >= AttemptsBound)
            {
                return false;
            }

            if (hasWalked && _defects.Has(DriverDefects.UnboundedSequenceRetry))
            {
                return true;
            }

            RetryDecision decision = _system.Policies.Retry.Decide(new RetryQuery
            {
                Cause = RetryCause.Invalidated,
                Attempts = attempt,
                AttemptsWithoutProgress = attempt,
                Elapsed = _system.Clock.Now - since,
                Kind = kind,
            });
            _system.Report.Time.Throttled += (long)_system.Clock.Pass(decision.BackOff);
            _system.Explain("retry", device.Agent, channel.Space.Index, page, decision.Reason);
            return decision.MayRetry;
        }
    }
}
