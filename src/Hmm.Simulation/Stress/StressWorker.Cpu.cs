using System;
using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;

namespace Hmm.Simulation.Stress;

// The CPU: reads, writes, and what processes do to their memory.
internal sealed partial class StressWorker
{
    private void CpuRead(StressRegion region, int index)
    {
        Span<ulong> found = stackalloc ulong[_world.Writers];
        Span<ulong> done = stackalloc ulong[found.Length];
        PageTruth truth = region.Content[index];
        int layout = region.Layout;
        int era = truth.NoteDone(done);
        CpuSignal signal = region.Space.Read(region.AddressOf(index), MemoryMarshal.AsBytes(found));
        if (signal == CpuSignal.None)
        {
            Judge(truth, found, done, truth.IsSameEra(era) ? era : -1, "the CPU in " + region.Name);
        }
        else
        {
            JudgeSignal(signal, region, index, layout);
        }
    }

    private void CpuWrite(StressRegion region, int index)
    {
        PageTruth truth = region.Content[index];
        int layout = region.Layout;
        ulong word = truth.BeginWrite(Writer, out int era);
        VirtualAddress address = new(region.AddressOf(index).Value + ((ulong)Writer * sizeof(ulong)));
        CpuSignal signal = region.Space.Write(address, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in word)));
        if (signal == CpuSignal.None)
        {
            truth.EndWrite(Writer, era, word);
        }
        else
        {
            JudgeSignal(signal, region, index, layout);
        }
    }

    // A signal is right only while the mapping itself changes.
    private void JudgeSignal(CpuSignal signal, StressRegion region, int index, int layout)
    {
        if ((layout & 1) == 0 && region.Layout == layout)
        {
            _world.Log.Add("signal", $"page {index} of {region.Name}, mapped for reading and writing all the time, raised {signal}");
        }
    }

    private void Change(StressRegion region, int index, int count)
    {
        VirtualRange range = region.RangeOf(index, count);
        switch (Decision.Operation)
        {
            case StressOperation.Drop:
                ChangeContent(region, index, count, isRemapped: false);
                break;
            case StressOperation.Unmap when !region.Content.IsShared:
                ChangeContent(region, index, count, isRemapped: true);
                break;
            case StressOperation.Unmap or StressOperation.Forget:
                if (region.Content.IsShared)
                {
                    region.Space.Advise(range, MemoryAdvice.DontNeed, out _);
                }

                break;
            case StressOperation.Protect:
                Protect(region, range);
                break;
            case StressOperation.PageOut:
                region.Space.Advise(range, MemoryAdvice.PageOut, out _);
                break;
            case StressOperation.Collapse:
                region.Space.Advise(region.Range, MemoryAdvice.Collapse, out _);
                break;
            case StressOperation.HugeAdvice:
                region.Space.Advise(region.Range, (Decision.Detail & 1) == 0 ? MemoryAdvice.HugePage : MemoryAdvice.NoHugePage, out _);
                break;
            default:
                Pin(region, range);
                break;
        }
    }

    /// <summary>Gives pages up, by advice or by mapping them anew. One thread at a time for each mapping and each content; others do something else.</summary>
    private void ChangeContent(StressRegion region, int index, int count, bool isRemapped)
    {
        if (!region.LayoutLock.TryEnter())
        {
            return;
        }

        if (region.Content.ResetLock.TryEnter())
        {
            // Now and then all of a huge page goes.
            bool isWhole = region.IsHuge && (Decision.Detail & 3) == 0;
            (index, count) = isWhole ? (0, region.Content.Count) : (index, count);
            region.Content.StepEras(index, count);
            HmmStatus status = isRemapped ? MapAnew(region, region.RangeOf(index, count)) : GiveUp(region, region.RangeOf(index, count));
            region.Content.StepEras(index, count);
            region.Content.ResetLock.Exit();
            if (status != HmmStatus.Success)
            {
                _world.Log.Add("status", $"pages {index} to {index + count} of {region.Name} could not be given up: {status}");
            }
        }

        region.LayoutLock.Exit();
    }

    private static HmmStatus GiveUp(StressRegion region, VirtualRange range) =>
        region.Space.Advise(range, region.Content.IsShared ? MemoryAdvice.Remove : MemoryAdvice.DontNeed, out _);

    private HmmStatus MapAnew(StressRegion region, VirtualRange range)
    {
        region.StepLayout();
        HmmStatus status = HmmStatus.Success;
        if ((Decision.Detail & 4) != 0)
        {
            status = region.Space.Unmap(range);
            Pause();
        }

        status = status == HmmStatus.Success ? region.Space.MapAnonymous(range, Protection.Read | Protection.Write) : status;
        region.StepLayout();
        return status;
    }

    private void Protect(StressRegion region, VirtualRange range)
    {
        if (!region.LayoutLock.TryEnter())
        {
            return;
        }

        region.StepLayout();
        region.Space.Protect(range, (Decision.Detail & 1) == 0 ? Protection.Read : Protection.None);
        Pause();
        HmmStatus status = region.Space.Protect(range, Protection.Read | Protection.Write);
        region.StepLayout();
        region.LayoutLock.Exit();
        if (status != HmmStatus.Success)
        {
            _world.Log.Add("status", $"{region.Name} did not get its permissions back: {status}");
        }
    }

    private void Pin(StressRegion region, VirtualRange range)
    {
        if (region.Space.Pin(VirtualRange.FromPages(range.Start, 1), (Decision.Detail & 1) != 0, out LongTermPin? pin) == HmmStatus.Success)
        {
            Pause();
            pin?.Dispose();
        }
    }
}
