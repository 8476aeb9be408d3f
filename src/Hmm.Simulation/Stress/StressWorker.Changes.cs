using System.Collections.Generic;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Simulation.Stress;

// What processes do to their memory.
internal sealed partial class StressWorker
{
    private readonly Stack<Pfn> _taken = [];

    private void Change(StressRegion region, int index, int count)
    {
        VirtualRange range = region.RangeOf(index, count);
        switch (Decision.Operation)
        {
            case StressOperation.Fail when !region.Content.IsShared && _world.TryFail():
                ChangeContent(region, index, 1);
                break;
            case StressOperation.Drop:
            case StressOperation.LazyFree or StressOperation.Unmap when !region.Content.IsShared:
                ChangeContent(region, index, count);
                break;
            case StressOperation.LazyFree or StressOperation.Fail:
                break;
            case StressOperation.Unmap or StressOperation.Forget:
                if (region.Content.IsShared)
                {
                    region.Space.Advise(range, MemoryAdvice.DontNeed, out _);
                }

                break;
            case StressOperation.Protect or StressOperation.Remap:
                ChangeLayout(region, range);
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

    /// <summary>Gives pages up in some way. One thread at a time for each mapping and each content; others do something else.</summary>
    private void ChangeContent(StressRegion region, int index, int count)
    {
        if (!region.LayoutLock.TryEnter())
        {
            return;
        }

        if (region.Content.ResetLock.TryEnter())
        {
            // Now and then all of a huge page goes.
            bool isWhole = region.IsHuge && (Decision.Detail & 3) == 0 && Decision.Operation != StressOperation.Fail;
            (index, count) = isWhole ? (0, region.Content.Count) : (index, count);
            bool keepsOld = Decision.Operation == StressOperation.LazyFree && !region.IsFile;
            region.Content.StepEras(index, count, keepsOld);
            HmmStatus status = GiveUp(region, index, count);
            region.Content.StepEras(index, count, keepsOld);
            region.Content.ResetLock.Exit();
            if (status != HmmStatus.Success)
            {
                _world.Log.Add("status", $"pages {index} to {index + count} of {region.Name} could not be given up by {Decision.Operation}: {status}");
            }
        }

        region.LayoutLock.Exit();
    }

    private HmmStatus GiveUp(StressRegion region, int index, int count)
    {
        VirtualRange range = region.RangeOf(index, count);
        return Decision.Operation switch
        {
            StressOperation.Drop when region.Content.IsShared => region.Space.Advise(range, MemoryAdvice.Remove, out _),
            StressOperation.LazyFree when !region.IsFile => region.Space.Advise(range, MemoryAdvice.Free, out _),
            StressOperation.Drop or StressOperation.LazyFree => region.Space.Advise(range, MemoryAdvice.DontNeed, out _),
            StressOperation.Fail => Fail(region, index),
            _ => Unmap(region, index, count),
        };
    }

    private HmmStatus Unmap(StressRegion region, int index, int count)
    {
        region.StepLayout();
        HmmStatus status = HmmStatus.Success;
        if ((Decision.Detail & 4) != 0)
        {
            status = region.Space.Unmap(region.RangeOf(index, count));
            Pause();
        }

        status = status == HmmStatus.Success ? MapAnew(region, index, count) : status;
        region.StepLayout();
        return status;
    }

    private static HmmStatus MapAnew(StressRegion region, int index, int count)
    {
        const Protection both = Protection.Read | Protection.Write;
        VirtualRange range = region.RangeOf(index, count);
        return region.IsFile ? region.Space.MapFile(range, both, isShared: false, new StressFile(index)) : region.Space.MapAnonymous(range, both);
    }

    // What cannot fail now, because somebody holds it or memory is out, is mapped anew all the same.
    private HmmStatus Fail(StressRegion region, int index)
    {
        region.StepLayout();
        // A page that is only read may be the other process's too, which must not suffer.
        CpuWrite(region, index);
        region.Space.Advise(VirtualRange.FromPages(region.AddressOf(index), 1), MemoryAdvice.HwPoison, out _);
        Pause();
        HmmStatus status = MapAnew(region, index, 1);
        region.StepLayout();
        return status;
    }

    /// <summary>Changes the mapping, keeping its content, and changes it back.</summary>
    private void ChangeLayout(StressRegion region, VirtualRange range)
    {
        if (!region.LayoutLock.TryEnter())
        {
            return;
        }

        region.StepLayout();
        HmmStatus status;
        if (Decision.Operation == StressOperation.Remap)
        {
            VirtualRange aside = StressRegion.AsideOf(range);
            status = region.Space.Remap(range, aside);
            Pause();
            // Refused, with everything in its place, if earlier changes have left several mappings there.
            status = status == HmmStatus.Success ? region.Space.Remap(aside, range) : status == HmmStatus.Fault ? HmmStatus.Success : status;
        }
        else
        {
            region.Space.Protect(range, (Decision.Detail & 1) == 0 ? Protection.Read : Protection.None);
            Pause();
            status = region.Space.Protect(range, Protection.Read | Protection.Write);
        }

        region.StepLayout();
        region.LayoutLock.Exit();
        if (status != HmmStatus.Success)
        {
            _world.Log.Add("status", $"{region.Name} did not come back after {Decision.Operation}: {status}");
        }
    }

    /// <summary>Takes all memory for a moment. What must wait for memory then fails, and nothing else may come of it.</summary>
    private void Exhaust()
    {
        if (!_world.ShortageLock.TryEnter())
        {
            return;
        }

        _world.StepShortage();
        while (!_world.IsOver && _world.Machine.Memory.TryTakeLockedPage(out Pfn page))
        {
            _taken.Push(page);
            Volatile.Write(ref _progress, _progress + 1);
        }

        GiveBack(_taken.Count - (Decision.Detail % 16));
        StressPause.Long();
        GiveBack(0);
        _world.StepShortage();
        _world.ShortageLock.Exit();
    }

    private void GiveBack(int left)
    {
        while (_taken.Count > left && _taken.TryPop(out Pfn page))
        {
            _world.Machine.Memory.UnlockAndPut(page);
            Volatile.Write(ref _progress, _progress + 1);
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
