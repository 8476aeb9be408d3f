using Hmm.Linux;

namespace Hmm.Stress;

// When all threads have ended: everything once more.
internal sealed unsafe partial class LiveStressWorker
{
    /// <summary>Reads every page and every counter, by CPU and by device, and judges them against the truth.</summary>
    /// <remarks>When nobody works any more.</remarks>
    public void CheckEverything()
    {
        foreach (LiveRegion region in _world.Regions)
        {
            for (int i = 0; i < region.Count; i++)
            {
                _decision = new LiveDecision(LiveStressOperation.CopyOut, 0, i, 1, i, 0, 0);
                ReadPage(region, i);
                _decision = _decision with { Operation = LiveStressOperation.DeviceRead };
                ReadPage(region, i);
            }
        }

        for (int i = 0; i < _world.Archive.Count; i++)
        {
            // Read by the CPU, and not written.
            _decision = new LiveDecision(LiveStressOperation.Archive, 0, i, int.MaxValue, i, 0, 3);
            UseArchive(i);
        }

        for (int i = 0; i < _world.Counters.Count; i++)
        {
            _decision = new LiveDecision(LiveStressOperation.CountRead, 0, i, 1, i, 0, 0);
            CheckSum(i);
        }
    }

    private void CheckSum(int counter)
    {
        LiveRegion region = _world.CounterRegion;
        int index = LiveCounters.PageOf(counter);
        int offset = LiveCounters.OffsetOf(counter);
        long least = _world.Counters.Least(counter);
        long found = 0;
        TouchOutcome byDevice = TouchOutcome.Of(() => found = Device.FetchAdd(region.Slice(index, 1), offset, 0));
        if (byDevice.IsDone)
        {
            JudgeCounter(counter, found, least);
        }

        TouchOutcome byCpu = TouchOutcome.Of(GuardedAccess.Load(region.AddressOf(index) + (nuint)offset, out found));
        if (byCpu.IsDone)
        {
            JudgeCounter(counter, found, least);
        }

        if (!byDevice.IsDone || !byCpu.IsDone)
        {
            Complain("failed", $"reading counter {counter} at the end got {byCpu.What ?? byDevice.What}");
        }
    }
}
