using System;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;

namespace Hmm.Simulation.Stress;

/// <summary>A driver of 2019: a range that waits until it is valid.</summary>
internal sealed class RangeMirror<TEncoding> : StressMirror, IMirrorRangeOps
    where TEncoding : struct, IPfnEncoding
{
    private readonly MirrorRange _range;

    /// <summary>A range has one walk at a time.</summary>
    private readonly Lock _walking = new();

    public RangeMirror(StressWorld world, StressRegion region, object? owner)
        : base(world, region, $"{DeviceEntry.NameOf<TEncoding>()} range", owner) =>
        _range = new MirrorRange(region.Space, region.Range, this) { DevicePrivateOwner = owner };

    public override void Dispose()
    {
        if (World.Bug == StressBug.RemoveDoesNotWait)
        {
            FreeTable();
            StressPause.Long();
            _range.Dispose();
            return;
        }

        _range.Dispose();
        FreeTable();
    }

    bool IMirrorRangeOps.Invalidate(MirrorRange mirror, in MmuNotifierRange range)
    {
        if (World.Bug == StressBug.NoLockInCallback)
        {
            Forget(range.Range);
            return true;
        }

        EnterLock();
        Forget(range.Range);
        ExitLock();
        return true;
    }

    protected override DeviceEntry Read(ulong word) => DeviceEntry.Read<TEncoding>(word, World.Device);

    protected override FaultOutcome Fault(StressWorker worker, VirtualRange range, bool write)
    {
        int first = PageOf(range.Start);
        Span<ulong> requests = stackalloc ulong[Region.PageCount];
        Span<ulong> words = stackalloc ulong[Region.PageCount];
        requests.Clear();
        requests.Slice(first, (int)range.PageCount).Fill(DeviceEntry.Request<TEncoding>(write));
        lock (_walking)
        {
            for (int attempt = 0; attempt < AttemptsMax && !World.IsOver; attempt++)
            {
                // Who does not block is sent away again and again while a writer holds the address-space lock.
                bool block = attempt >= 8 || (worker.Decision.Detail & 1) != 0;
                if (!block && !_range.WaitUntilValid(StressRun.Patience))
                {
                    return ReportEndless($"waited for {StressRun.Patience.TotalSeconds} s for the range to become valid, or collided");
                }

                worker.Pause();
                HmmStatus status = _range.Fault<TEncoding>(new MirrorRequest(requests), words, block, out int usable);
                if (status == HmmStatus.Again)
                {
                    continue;
                }

                if (usable <= first)
                {
                    return FaultOutcome.Refused;
                }

                worker.Pause();
                if (TryEnter(words[..usable]))
                {
                    DeviceEntry entry = Read(words[first]);
                    return entry.IsValid && (entry.IsWritable || !write) ? FaultOutcome.Entered : FaultOutcome.Refused;
                }
            }
        }

        return ReportEndless("collided");
    }

    private bool TryEnter(ReadOnlySpan<ulong> words)
    {
        EnterLock();
        bool isValid = World.Bug == StressBug.SkipRetry || _range.IsValid;
        if (isValid)
        {
            Enter(Region.Range, words);
        }

        ExitLock();
        return isValid;
    }
}
