using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;

namespace Hmm.Simulation.Stress;

/// <summary>A driver of 2020: an interval notifier, and the loop around a range fault written by hand. Most planted bugs are in it.</summary>
internal class LoopMirror<TEncoding> : StressMirror, IMmuIntervalNotifierOps
    where TEncoding : struct, IPfnEncoding
{
    /// <summary>A fault that begins again more often than this goes on without pauses, so that one that never ends is soon known.</summary>
    private const int PausesMax = 8;

    private readonly MmuIntervalNotifier _notifier;
    private readonly FaultProfile _profile;

    public LoopMirror(StressWorld world, StressRegion region, object? owner, FaultProfile profile)
        : base(world, region, $"{DeviceEntry.NameOf<TEncoding>()} loop", owner)
    {
        _profile = profile;
        _notifier = new MmuIntervalNotifier(this);
        HmmStatus status = _notifier.Insert(region.Space.Notifiers, region.Range.Start, region.Range.LengthBytes);
        if (status != HmmStatus.Success)
        {
            throw new InvalidOperationException($"The notifier of {region.Name} could not be inserted: {status}.");
        }
    }

    protected MmuIntervalNotifier Notifier => _notifier;

    public override void Dispose()
    {
        if (World.Bug == StressBug.RemoveDoesNotWait)
        {
            // As if Remove came back at once and the callbacks ended only later.
            FreeTable();
            StressPause.Long();
            _notifier.Remove();
            return;
        }

        _notifier.Remove();
        FreeTable();
    }

    bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        if (World.Bug == StressBug.NoLockInCallback)
        {
            subscription.SetSequence(sequence);
            Forget(range.Range);
            return true;
        }

        EnterLock();
        subscription.SetSequence(sequence);
        Forget(range.Range);
        ExitLock();
        return true;
    }

    protected override DeviceEntry Read(ulong word) => DeviceEntry.Read<TEncoding>(word, World.Device);

    protected override FaultOutcome Fault(StressWorker worker, VirtualRange range, bool write)
    {
        Span<ulong> words = stackalloc ulong[(int)range.PageCount];
        bool isReadOnce = World.Bug == StressBug.SequenceOutsideLoop;
        ulong sequence = _notifier.ReadBegin();
        for (int attempt = 0; attempt < AttemptsMax && !World.IsOver; attempt++)
        {
            if (attempt > 0 && !isReadOnce)
            {
                sequence = _notifier.ReadBegin();
            }

            if (attempt < PausesMax)
            {
                worker.Pause();
            }

            HmmStatus status = Walk(range, words, sequence, write);
            if (status == HmmStatus.Busy)
            {
                continue;
            }

            if (status != HmmStatus.Success && _profile == FaultProfile.Linux612)
            {
                return FaultOutcome.Refused;
            }

            worker.Pause();
            if (TryEnter(range, words, sequence))
            {
                return Entered(words[0], write);
            }
        }

        return ReportEndless("collided");
    }

    /// <summary>Own device memory that is read-only is reported as it is, whatever was asked.</summary>
    protected FaultOutcome Entered(ulong word, bool write)
    {
        DeviceEntry entry = Read(word);
        return entry.IsValid && (entry.IsWritable || !write) ? FaultOutcome.Entered : FaultOutcome.Refused;
    }

    private HmmStatus Walk(VirtualRange range, Span<ulong> words, ulong sequence, bool write)
    {
        HmmRange request = new()
        {
            Space = Region.Space,
            Notifier = _notifier,
            NotifierSequence = sequence,
            Range = range,
            Pfns = words,
            DefaultFlags = DeviceEntry.Request<TEncoding>(write),
            DevicePrivateOwner = Owner,
            Profile = _profile,
        };
        Region.Space.MmapLock.EnterRead();
        HmmStatus status = HmmRangeFault.Run<TEncoding>(ref request);
        Region.Space.MmapLock.ExitRead();
        return status;
    }

    private bool TryEnter(VirtualRange range, ReadOnlySpan<ulong> words, ulong sequence)
    {
        EnterLock();
        bool isCurrent = World.Bug == StressBug.SkipRetry || !_notifier.ReadRetry(sequence);
        if (isCurrent)
        {
            Enter(range, words);
        }

        ExitLock();
        return isCurrent;
    }
}
