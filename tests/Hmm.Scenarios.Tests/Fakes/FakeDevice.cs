using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Scenarios.Machines;

namespace Hmm.Scenarios.Tests.Fakes;

internal sealed class FakeDevice(FakeProcess process, int index) : IScenarioDevice
{
    public HmmStatus Read(VirtualRange range, Span<PageContent> contents, out long faults)
    {
        faults = 1;
        for (int i = 0; i < contents.Length; i++)
        {
            if (process.Load(range.Start.AddPages(i), out contents[i]) != CpuAccess.Done)
            {
                return HmmStatus.Fault;
            }
        }

        return HmmStatus.Success;
    }

    public HmmStatus Write(VirtualRange range, byte value, out long faults)
    {
        faults = 2;
        for (VirtualAddress page = range.Start; page < range.End; page = page.AddPages(1))
        {
            if (process.Store(page, value) != CpuAccess.Done)
            {
                return HmmStatus.Fault;
            }
        }

        return HmmStatus.Success;
    }

    public HmmStatus Snapshot(VirtualRange range, Span<PageWord> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            bool isMapped = process.Load(range.Start.AddPages(i), out PageContent content) == CpuAccess.Done;
            words[i] = !isMapped ? new PageWord(PageWordState.Error, false, false, false, 0)
                : content.Value == 0 ? new PageWord(PageWordState.None, false, false, false, 0)
                : new PageWord(PageWordState.Mapped, true, false, index == 1, 0);
        }

        return HmmStatus.Success;
    }

    public HmmStatus Migrate(VirtualRange range) => HmmStatus.NoEntry;

    public HmmStatus Evict(VirtualRange range, out long moved)
    {
        moved = (long)range.PageCount;
        return HmmStatus.Success;
    }

    public HmmStatus Exclusive(VirtualRange range) => HmmStatus.Busy;

    public HmmStatus Check(VirtualRange range) => HmmStatus.NotPermitted;

    public void Release() => process.Machine.Calls.Add("release");

    public HmmStatus RangeFault(
        VirtualRange range, ReadOnlySpan<FaultRequest> requests, FaultRequest defaultRequest, FaultRequest mask, bool foreign,
        Span<PageWord> words)
    {
        process.Machine.Calls.Add($"range {string.Join(' ', requests.ToArray())} default {defaultRequest} mask {mask} foreign {foreign}");
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = new PageWord(PageWordState.Mapped, requests[i].HasFlag(FaultRequest.Write), foreign, false, (byte)(i % 2 * 9));
        }

        return HmmStatus.Success;
    }
}
