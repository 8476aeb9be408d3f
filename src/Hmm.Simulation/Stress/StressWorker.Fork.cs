using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;

namespace Hmm.Simulation.Stress;

// Children: each sees what its parent had done before the fork, and nothing of what comes after.
internal sealed partial class StressWorker
{
    /// <summary>Writes as nobody in the parent does, so that a child's word in its parent's memory is noticed.</summary>
    private const int ChildWriter = StressOptions.ThreadsMax + 1;

    private const int MirroredChildPages = 16;

    private readonly List<ForkView> _views = [];
    private uint _childNumber;

    private void Fork(AddressSpace parent)
    {
        NoteViews(parent);
        HmmStatus status = parent.Fork(out AddressSpace? child);
        if (child == null)
        {
            // A page under exclusive access may be in use, which refuses the fork; nothing else may.
            if (status != HmmStatus.NoMemory)
            {
                _world.Log.Add("status", $"a fork ended with {status}");
            }

            return;
        }

        foreach (ForkView view in _views)
        {
            JudgeChild(child, view, view.Truth.IsSameEra(view.Era) ? view.Era : -1);
        }

        if ((Decision.Detail & 1) != 0)
        {
            child.Advise(_views[0].Region.Range, MemoryAdvice.PageOut, out _);
        }

        child.Exit();
    }

    // The child's pages are its parent's at first, so whoever moves or writes those tells the child's mirrors too, also while it exits.
    private void ExitMirrored(StressRegion region, int index, int count)
    {
        HmmStatus status = region.Space.Fork(out AddressSpace? space);
        if (space == null)
        {
            if (status != HmmStatus.NoMemory)
            {
                _world.Log.Add("status", $"a fork ended with {status}");
            }

            return;
        }

        // A huge page's worth would keep the drivers busy for too long.
        VirtualRange range = VirtualRange.FromPages(region.AddressOf(index), (ulong)Math.Min(count * region.Stride, MirroredChildPages));
        using MirroredChild child = new(_world, space, range);
        for (int i = 0; i < count; i++)
        {
            Pause();
            if (!region.Content.IsShared)
            {
                space.Write(range.Start, [1]);
            }

            space.Advise(range, (Decision.Detail >> i & 1) == 0 ? MemoryAdvice.PageOut : MemoryAdvice.DontNeed, out _);
        }

        Pause();
        child.Exit(StressRun.Patience);
    }

    // Some pages of each region, beginning where the decision says.
    private void NoteViews(AddressSpace parent)
    {
        _views.Clear();
        foreach (StressRegion region in _world.Regions)
        {
            for (int i = 0; region.Space == parent && i < Decision.Count; i++)
            {
                int index = (Decision.Page + i) % region.Content.Count;
                PageTruth truth = region.Content[index];
                ulong[] done = new ulong[_world.Writers];
                Excuse excuse = NoteExcuse(region);
                bool mayVanish = truth.MayVanish;
                int era = truth.NoteDone(done);
                _views.Add(new ForkView(region, index, truth, excuse, mayVanish, era, done));
            }
        }
    }

    private void JudgeChild(AddressSpace child, in ForkView view, int era)
    {
        Span<ulong> found = stackalloc ulong[_world.Writers];
        Span<ulong> again = stackalloc ulong[found.Length];
        string who = "a child of " + view.Region.Name;
        VirtualAddress address = view.Region.AddressOf(view.Index);
        CpuSignal signal = child.Read(address, MemoryMarshal.AsBytes(found));
        if (signal != CpuSignal.None)
        {
            // A page that fails in the parent fails in the child, so it matters what has become of the mapping by now.
            if (!IsExcused(view.Excuse, view.Region, signal))
            {
                _world.Log.Add("signal", $"page {view.Index}, mapped at the fork, raised {signal} when {who} read it");
            }

            return;
        }

        // Shared memory may have been given up since the fork.
        int eraNow = view.Region.Content.IsShared && !view.Truth.IsSameEra(view.Era) ? -1 : era;
        Judge(view.Truth, found, view.Done, eraNow, who);
        if (view.Region.Content.IsShared)
        {
            return;
        }

        ulong word = new WrittenWord(view.Truth.Id, ChildWriter, 0, ++_childNumber).Value;
        VirtualAddress own = new(address.Value + ((ulong)Writer * sizeof(ulong)));
        bool isWritten = child.Write(own, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in word))) == CpuSignal.None;
        found[Writer] = isWritten ? word : found[Writer];
        Pause();
        signal = child.Read(address, MemoryMarshal.AsBytes(again));
        bool isKept = signal == CpuSignal.None ? found.SequenceEqual(again) : IsExcused(view.Excuse, view.Region, signal);
        if (!isKept && (view.MayVanish || era < 0) && signal == CpuSignal.None)
        {
            // Lent back before the fork, the rest of the page may have gone; the child's own word may not.
            isKept = again[Writer] == found[Writer] && again.IndexOfAnyExcept(0UL, found[Writer]) < 0;
        }

        if (!isKept)
        {
            _world.Log.Add(
                "lost-write", string.Create(CultureInfo.InvariantCulture, $"page {view.Truth.Id} changed under {who}: word {Differs(found, again)}"));
        }
    }

    private static string Differs(ReadOnlySpan<ulong> before, ReadOnlySpan<ulong> after)
    {
        int at = before.CommonPrefixLength(after);
        return at == before.Length ? "none, but it cannot be read" : $"{at} was {new WrittenWord(before[at])} and is {new WrittenWord(after[at])}";
    }

    /// <summary>What was known of a page before a fork.</summary>
    private readonly record struct ForkView(StressRegion Region, int Index, PageTruth Truth, Excuse Excuse, bool MayVanish, int Era, ulong[] Done);
}
