using System;
using System.Globalization;
using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Linux;
using Hmm.Simulation.Stress;

namespace Hmm.Stress;

// Pages with words of all threads: reads and writes of CPUs, of the kernel, and of devices.
internal sealed unsafe partial class LiveStressWorker
{
    // Word by word, each at once: what is read while somebody writes is the old or the new.
    private void Load(LiveRegion region, int index)
    {
        LivePage page = region[index];
        nuint address = region.AddressOf(index);
        int layout = page.Layout;
        int era = page.Truth.NoteDone(_done);
        for (int thread = 0; thread < _world.Threads; thread++)
        {
            int first = PageLayout.FirstWord(PageLayout.WordWriter(thread));
            TouchOutcome outcome = TouchOutcome.Of(GuardedAccess.Load(address + ((nuint)first * sizeof(ulong)), out _page[first]));
            JudgeOutcome(region, index, layout, outcome, isWrite: false);
            if (!outcome.IsDone)
            {
                return;
            }
        }

        era = page.Truth.IsSameEra(era) ? era : -1;
        for (int thread = 0; thread < _world.Threads; thread++)
        {
            int writer = PageLayout.WordWriter(thread);
            JudgeWord(region, index, writer, _page[PageLayout.FirstWord(writer)], era);
        }
    }

    // The whole page, but not at once: what is written meanwhile may come in part.
    private void ReadPage(LiveRegion region, int index)
    {
        LivePage page = region[index];
        nuint address = region.AddressOf(index);
        int layout = page.Layout;
        int era = page.Truth.NoteDone(_done);
        TouchOutcome outcome = _decision.Operation switch
        {
            LiveStressOperation.SystemWrite when _world.SystemCallsWork => TouchOutcome.Of(_file.Write(0, (byte*)address, PageConstants.PageSize), PageConstants.PageSize),
            LiveStressOperation.DeviceRead => TouchOutcome.Of(() => Device.Read(region.Slice(index, 1), 0, PageBytes)),
            _ => TouchOutcome.Of(GuardedAccess.Copy(PageBytes, address)),
        };
        if (outcome.IsDone && _decision.Operation == LiveStressOperation.SystemWrite && _world.SystemCallsWork)
        {
            _ = _file.Read(0, PageBytes);
        }

        JudgeOutcome(region, index, layout, outcome, isWrite: false);
        if (outcome.IsDone)
        {
            JudgePage(region, index, page.Truth.IsSameEra(era) ? era : -1);
        }
    }

    private void WriteWord(LiveRegion region, int index)
    {
        LivePage page = region[index];
        int writer = PageLayout.WordWriter(_number);
        int offset = PageLayout.FirstWord(writer) * sizeof(ulong);
        int layout = page.Layout;
        ulong word = page.Truth.BeginWrite(writer, out int era);
        TouchOutcome outcome = _decision.Operation == LiveStressOperation.DeviceWrite
            ? TouchOutcome.Of(() => Device.Write(region.Slice(index, 1), offset, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in word))))
            : TouchOutcome.Of(GuardedAccess.Store(region.AddressOf(index) + (nuint)offset, word));
        Settle(region, index, layout, outcome, writer, era, word);
    }

    private void WriteBlock(LiveRegion region, int index)
    {
        LivePage page = region[index];
        int writer = PageLayout.BlockWriter(_number);
        int offset = PageLayout.FirstWord(writer) * sizeof(ulong);
        int layout = page.Layout;
        ulong word = page.Truth.BeginWrite(writer, out int era);
        Span<ulong> block = stackalloc ulong[PageLayout.BlockWords];
        block.Fill(word);
        nuint address = region.AddressOf(index) + (nuint)offset;
        Settle(region, index, layout, WriteBytes(MemoryMarshal.AsBytes(block), address, region, index, offset), writer, era, word);
    }

    // As the decision says: by a copy, by the kernel, or by a device.
    private TouchOutcome WriteBytes(ReadOnlySpan<byte> bytes, nuint address, LiveRegion region, int index, int offset)
    {
        switch (_decision.Operation)
        {
            case LiveStressOperation.SystemRead when _world.SystemCallsWork:
                _ = _file.Write(0, bytes);
                return TouchOutcome.Of(_file.Read(0, (byte*)address, (nuint)bytes.Length), bytes.Length);
            case LiveStressOperation.DeviceWrite:
                byte[] copy = bytes.ToArray();
                return TouchOutcome.Of(() => Device.Write(region.Slice(index, 1), offset, copy));
            default:
                return TouchOutcome.Of(GuardedAccess.Copy(address, bytes));
        }
    }

    private void Settle(LiveRegion region, int index, int layout, in TouchOutcome outcome, int writer, int era, ulong word)
    {
        if (outcome.IsDone)
        {
            region[index].Truth.EndWrite(writer, era, word);
        }

        JudgeOutcome(region, index, layout, outcome, isWrite: true);
    }

    // Whether the mapping allowed it is known only if it did not change meanwhile.
    private void JudgeOutcome(LiveRegion region, int index, int layout, in TouchOutcome outcome, bool isWrite)
    {
        LivePageState state = region[index].StateSince(layout);
        string? rule = outcome switch
        {
            { IsDone: true } when state == LivePageState.None => "touched-nothing",
            { IsDone: true } when state == LivePageState.ReadOnly && isWrite => "protected-write",
            { IsDone: true } => null,
            { IsRefused: true } when state == LivePageState.ReadWrite || (state == LivePageState.ReadOnly && !isWrite) => "refused",
            { IsRefused: true } => null,
            _ => "failed",
        };
        if (rule != null)
        {
            string came = outcome.IsDone ? "succeeded" : $"got {outcome.What}";
            Complain(rule, string.Create(CultureInfo.InvariantCulture, $"{(isWrite ? "writing" : "reading")} page {index} of {region.Name} {came}, and it allowed {state} all the time"));
        }
    }

    private void JudgePage(LiveRegion region, int index, int era)
    {
        PageTruth truth = region[index].Truth;
        for (int writer = 0; writer < _done.Length; writer++)
        {
            if (!truth.IsSettled(writer, _done[writer]))
            {
                continue;
            }

            int first = PageLayout.FirstWord(writer);
            for (int i = 0; i < PageLayout.WordCount(writer); i++)
            {
                JudgeWord(region, index, writer, _page[first + i], era);
            }
        }

        int foreign = PageLayout.FindForeign(_page, _done.Length);
        if (foreign >= 0)
        {
            Complain("foreign-data", string.Create(CultureInfo.InvariantCulture, $"word {foreign} of page {index} of {region.Name} is nobody's, and holds 0x{_page[foreign]:x}"));
        }
    }

    private void JudgeWord(LiveRegion region, int index, int writer, ulong found, int era)
    {
        string? complaint = region[index].Truth.ComplainOfOne(found, writer, _done[writer], era);
        if (complaint != null)
        {
            string kind = (writer & 1) == 0 ? "word" : "block";
            Complain("lost-write", $"{complaint} (writer {writer} is the {kind} of thread {writer / 2}); page {index} of {region.Name}");
        }
    }
}
