using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;

namespace Hmm.Simulation.Stress;

/// <summary>A driver that leaves the loop to <see cref="MirrorFault"/>.</summary>
internal sealed class CallMirror<TEncoding> : LoopMirror<TEncoding>
    where TEncoding : struct, IPfnEncoding
{
    public CallMirror(StressWorld world, StressRegion region, object? owner)
        : base(world, region, owner, FaultProfile.Exact)
    {
    }

    protected override FaultOutcome Fault(StressWorker worker, VirtualRange range, bool write)
    {
        Span<ulong> words = stackalloc ulong[(int)range.PageCount];
        Span<PageObstacle> obstacles = stackalloc PageObstacle[words.Length];
        HmmRange request = new()
        {
            Space = Region.Space,
            Notifier = Notifier,
            Range = range,
            Pfns = words,
            Obstacles = obstacles,
            DefaultFlags = DeviceEntry.Request<TEncoding>(write),
            DevicePrivateOwner = Owner,
            Profile = FaultProfile.Exact,
        };
        Door door = new(this, worker);
        MirrorOutcome outcome = MirrorFault.Run<TEncoding, Door>(ref request, ref door, new RetryBudget(AttemptsMax, TimeSpan.MaxValue, null));
        return outcome.Status == HmmStatus.Busy ? ReportEndless("collided")
            : obstacles[0] != PageObstacle.None || !outcome.IsCommitted ? FaultOutcome.Refused : Entered(words[0], write);
    }

    private readonly struct Door(CallMirror<TEncoding> mirror, StressWorker worker) : IMirrorDriver
    {
        public void EnterLock()
        {
            worker.Pause();
            mirror.EnterLock();
        }

        public void ExitLock() => mirror.ExitLock();

        public void Commit(VirtualRange range, ReadOnlySpan<ulong> words, ReadOnlySpan<PageObstacle> obstacles) => mirror.Enter(range, words);
    }
}
