using Hmm.Core.Addressing;
using Hmm.Linux;

namespace Hmm.Stress;

// Counters, and pages that one thread has for itself.
internal sealed unsafe partial class LiveStressWorker
{
    private void Add(int counter)
    {
        LiveRegion region = _world.CounterRegion;
        int index = LiveCounters.PageOf(counter);
        int offset = LiveCounters.OffsetOf(counter);
        long value = 1 + (_decision.Detail & 0xFF);
        long found = 0;
        int layout = region[index].Layout;
        long least = _world.Counters.Least(counter);
        _world.Counters.Announce(counter, value);
        TouchOutcome outcome = _decision.Operation == LiveStressOperation.DeviceAdd
            ? TouchOutcome.Of(() => found = Device.FetchAdd(region.Slice(index, 1), offset, value))
            : TouchOutcome.Of(GuardedAccess.FetchAdd(region.AddressOf(index) + (nuint)offset, value, out found));
        if (outcome.IsDone)
        {
            JudgeCounter(counter, found, least);
            _world.Counters.Settle(counter, value);
        }
        else
        {
            _world.Counters.Withdraw(counter, value);
        }

        JudgeOutcome(region, index, layout, outcome, isWrite: true);
    }

    private void ReadCounter(int counter)
    {
        LiveRegion region = _world.CounterRegion;
        int index = LiveCounters.PageOf(counter);
        int layout = region[index].Layout;
        long least = _world.Counters.Least(counter);
        TouchOutcome outcome = TouchOutcome.Of(GuardedAccess.Load(region.AddressOf(index) + (nuint)LiveCounters.OffsetOf(counter), out long found));
        JudgeOutcome(region, index, layout, outcome, isWrite: false);
        if (outcome.IsDone)
        {
            JudgeCounter(counter, found, least);
        }
    }

    private void JudgeCounter(int counter, long found, long least)
    {
        if (_world.Counters.Complain(counter, found, least) is { } complaint)
        {
            Complain("lost-addition", complaint);
        }
    }

    private void UseArchive(int page)
    {
        LiveArchive archive = _world.Archive;
        lock (archive.LockOf(page))
        {
            JudgeArchiveOutcome(page, ReadArchive(archive, page), "reading");
            if (archive.Complain(page, _page) is { } complaint)
            {
                Complain("wrong-data", $"{complaint}; read by {WhoOf(_decision.Detail)}");
            }

            if (_decision.Count <= 3)
            {
                archive.FillNext(page, _page);
                JudgeArchiveOutcome(page, WriteArchive(archive, page), "writing");
            }
        }
    }

    private TouchOutcome ReadArchive(LiveArchive archive, int page)
    {
        switch (WhoOf(_decision.Detail))
        {
            case "a device":
                return TouchOutcome.Of(() => Device.Read(archive.Mapping, LiveArchive.OffsetOf(page), PageBytes));
            case "the kernel":
                TouchOutcome outcome = TouchOutcome.Of(_file.Write(0, (byte*)archive.AddressOf(page), PageConstants.PageSize), PageConstants.PageSize);
                _ = _file.Read(0, PageBytes);
                return outcome;
            default:
                return TouchOutcome.Of(GuardedAccess.Copy(PageBytes, archive.AddressOf(page)));
        }
    }

    private TouchOutcome WriteArchive(LiveArchive archive, int page)
    {
        switch (WhoOf(_decision.Detail >> 4))
        {
            case "a device":
                return TouchOutcome.Of(() => Device.Write(archive.Mapping, LiveArchive.OffsetOf(page), PageBytes));
            case "the kernel":
                _ = _file.Write(0, PageBytes);
                return TouchOutcome.Of(_file.Read(0, (byte*)archive.AddressOf(page), PageConstants.PageSize), PageConstants.PageSize);
            default:
                return TouchOutcome.Of(GuardedAccess.Copy(archive.AddressOf(page), PageBytes));
        }
    }

    private string WhoOf(int detail) => (detail & 3) switch
    {
        0 => "a device",
        1 when _world.SystemCallsWork => "the kernel",
        _ => "the CPU",
    };

    private void JudgeArchiveOutcome(int page, in TouchOutcome outcome, string what)
    {
        if (!outcome.IsDone)
        {
            Complain(outcome.IsRefused ? "refused" : "failed", $"{what} page {page} of the archive, mapped for reading and writing all the time, got {outcome.What}");
        }
    }
}
