using System;
using System.Globalization;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;
using Hmm.Live;
using Hmm.Live.Interop;

namespace Hmm.Stress;

// Changes of the mapping itself, and pages that are given up. One thread at a time in a region.
internal sealed unsafe partial class LiveStressWorker
{
    private static readonly MemoryAdvice[] Advices =
    [
        MemoryAdvice.PopulateRead, MemoryAdvice.PopulateWrite, MemoryAdvice.HugePage, MemoryAdvice.NoHugePage, MemoryAdvice.DontFork, MemoryAdvice.WipeOnFork,
    ];

    private void Change()
    {
        if (_decision.Operation == LiveStressOperation.Advise && (_decision.Detail & 0x100) != 0)
        {
            AdviseArchive();
            return;
        }

        LiveRegion region = ChooseRegion();
        int index = ChoosePage(region.Count);
        int count = int.Min(_decision.Count, region.Count - index);
        lock (region.Gate)
        {
            switch (_decision.Operation)
            {
                case LiveStressOperation.Drop:
                    region.StepEras(index, count);
                    region.Slice(index, count).Advise(MemoryAdvice.DontNeed);
                    region.StepEras(index, count);
                    break;
                case LiveStressOperation.Advise:
                    region.Slice(index, count).Advise(Advices[_decision.Detail % Advices.Length]);
                    break;
                case LiveStressOperation.Lock:
                    region.Slice(index, count).Lock();
                    Pause();
                    region.Slice(index, count).Lock(isLocked: false);
                    break;
                case LiveStressOperation.Unmap:
                    Unmap(region, index, count);
                    break;
                case LiveStressOperation.Remap:
                    Remap(region, index, count);
                    break;
                default:
                    Protect(region, index, count);
                    break;
            }
        }
    }

    // Nobody changes its mapping but by this, which changes no content.
    private void AdviseArchive()
    {
        const int Pages = 64;
        LiveMapping mapping = _world.Archive.Mapping;
        long first = _decision.Page % (_world.Archive.Count - Pages);
        mapping.Slice(LiveArchive.OffsetOf((int)first), (long)Pages << PageConstants.PageShift).Advise(Advices[_decision.Detail % Advices.Length]);
    }

    // One where this may be done.
    private LiveRegion ChooseRegion()
    {
        bool resets = _decision.Operation is LiveStressOperation.Drop or LiveStressOperation.Unmap;
        bool changes = _decision.Operation is LiveStressOperation.Unmap or LiveStressOperation.Protect or LiveStressOperation.Remap;
        for (int at = _decision.Region; ; at++)
        {
            int which = at % (_world.Regions.Length + 1);
            LiveRegion region = which < _world.Regions.Length ? _world.Regions[which] : _world.CounterRegion;
            if ((region.CanReset || !resets) && (region.CanChange || !changes))
            {
                return region;
            }
        }
    }

    private void Unmap(LiveRegion region, int index, int count)
    {
        nuint length = (nuint)count << PageConstants.PageShift;
        BeginRestriction(region, index, count, LivePageState.None);
        region.StepEras(index, count);
        region.Mapping.Unmap((long)(region.AddressOf(index) - region.Start), (long)length);
        region.Step(index, count);
        Pause();
        for (int i = index; i < index + count; i++)
        {
            TouchOnce(region, i);
        }

        region.Step(index, count);
        using (SpaceUse use = new(_world.Space.Handle))
        {
            int result = PagerApi.map_at(use.Space, region.AddressOf(index), length, (int)(Protection.Read | Protection.Write), 0);
            PagerApi.Check(result, "hmm_map_at", $"mapping {count} pages of {region.Name} anew");
        }

        region.StepEras(index, count);
        region.Step(index, count);
    }

    private void Protect(LiveRegion region, int index, int count)
    {
        LivePageState state = (_decision.Detail & 3) == 0 ? LivePageState.None : LivePageState.ReadOnly;
        BeginRestriction(region, index, count, state);
        region.Slice(index, count).Protect(state == LivePageState.None ? Protection.None : Protection.Read);
        region.Step(index, count);
        for (int i = index; i < index + count; i++)
        {
            if (state == LivePageState.None)
            {
                TouchOnce(region, i);
            }
            else
            {
                LookTwice(region, i);
            }
        }

        region.Step(index, count);
        region.Slice(index, count).Protect(Protection.Read | Protection.Write);
        region.Step(index, count);
    }

    private void Remap(LiveRegion region, int index, int count)
    {
        BeginRestriction(region, index, count, LivePageState.None);
        MovePages(region.AddressOf(index), region.AsideOf(index), count);
        region.Step(index, count);
        for (int i = index; i < index + count; i++)
        {
            TouchOnce(region, i);
            ReadAside(region, i);
        }

        region.Step(index, count);
        MovePages(region.AsideOf(index), region.AddressOf(index), count);
        region.Step(index, count);
    }

    // In one piece if they lie in one mapping, as mremap demands: advice may have split it.
    private void MovePages(nuint source, nuint target, int count)
    {
        nuint length = (nuint)count << PageConstants.PageShift;
        using SpaceUse use = new(_world.Space.Handle);
        int result = PagerApi.remap_to(use.Space, source, length, target, length);
        for (nuint done = 0; result == -Errno.EFAULT && done < length; done += PageConstants.PageSize)
        {
            int one = PagerApi.remap_to(use.Space, source + done, PageConstants.PageSize, target + done, PageConstants.PageSize);
            PagerApi.Check(one, "hmm_remap_to", $"moving a page from 0x{source + done:x} to 0x{target + done:x}");
        }

        if (result != -Errno.EFAULT)
        {
            PagerApi.Check(result, "hmm_remap_to", $"moving {count} pages from 0x{source:x} to 0x{target:x}");
        }
    }

    private static void BeginRestriction(LiveRegion region, int index, int count, LivePageState state)
    {
        for (int i = index; i < index + count; i++)
        {
            region[i].Restrict(state);
        }

        region.Step(index, count);
    }

    // Nothing is there, or nothing is allowed: for CPUs, the kernel and devices.
    private void TouchOnce(LiveRegion region, int index)
    {
        nuint address = region.AddressOf(index);
        int layout = region[index].Layout;
        JudgeOutcome(region, index, layout, TouchOutcome.Of(GuardedAccess.Load(address, out ulong _)), isWrite: false);
        JudgeOutcome(region, index, layout, TouchOutcome.Of(_file.Write(0, (byte*)address, sizeof(ulong)), sizeof(ulong)), isWrite: false);
        JudgeOutcome(region, index, layout, TouchOutcome.Of(() => Device.Read(region.Slice(index, 1), 0, PageBytes[..sizeof(ulong)])), isWrite: false);
    }

    // Read-only: whoever tries to write, the page stays as it is.
    private void LookTwice(LiveRegion region, int index)
    {
        nuint address = region.AddressOf(index);
        Span<ulong> first = stackalloc ulong[PageLayout.PageWords];
        int layout = region[index].Layout;
        TouchOutcome outcome = TouchOutcome.Of(GuardedAccess.Copy(System.Runtime.InteropServices.MemoryMarshal.AsBytes(first), address));
        Pause();
        outcome = outcome.IsDone ? TouchOutcome.Of(() => Device.Read(region.Slice(index, 1), 0, PageBytes)) : outcome;
        JudgeOutcome(region, index, layout, outcome, isWrite: false);
        int changed = outcome.IsDone ? first.CommonPrefixLength(_page) : PageLayout.PageWords;
        if (changed < PageLayout.PageWords)
        {
            Complain("protected-write", string.Create(
                CultureInfo.InvariantCulture, $"word {changed} of page {index} of {region.Name} was 0x{first[changed]:x} and became 0x{_page[changed]:x} while it was read-only"));
        }
    }

    // The content came along: nobody can write meanwhile, so it is what was done.
    private void ReadAside(LiveRegion region, int index)
    {
        int era = region[index].Truth.NoteDone(_done);
        TouchOutcome outcome = TouchOutcome.Of(GuardedAccess.Copy(PageBytes, region.AsideOf(index)));
        if (!outcome.IsDone)
        {
            Complain("refused", $"reading page {index} of {region.Name} where it was moved to got {outcome.What}");
        }
        else if (region != _world.CounterRegion)
        {
            JudgePage(region, index, region[index].Truth.IsSameEra(era) ? era : -1);
        }
    }
}
