using System;
using System.Globalization;
using Hmm.Core.Addressing;
using Hmm.Linux;
using Hmm.Live;

namespace Hmm.Stress;

// Moves between RAM and devices, exclusive access, and mappings that come and go.
internal sealed partial class LiveStressWorker
{
    private void Move()
    {
        LiveMemory memory = ChooseMemory();
        switch (_decision.Operation)
        {
            case LiveStressOperation.Migrate:
                JudgeMove(memory.MigrateTo(Device));
                break;
            case LiveStressOperation.Evict:
                JudgeMove(memory.Evict());
                break;
            default:
                foreach (LiveMove move in memory.Prefetch())
                {
                    JudgeMove(move);
                }

                break;
        }
    }

    // Of the archive, which is large, in larger pieces.
    private LiveSlice ChooseMemory()
    {
        const int ArchiveFactor = 16;
        int which = _decision.Region % (_world.Regions.Length + 2);
        LiveMapping mapping = which < _world.Regions.Length ? _world.Regions[which].Mapping
            : which == _world.Regions.Length ? _world.CounterRegion.Mapping : _world.Archive.Mapping;
        int pages = (int)(mapping.Length >> PageConstants.PageShift);
        int count = mapping == _world.Archive.Mapping ? _decision.Count * ArchiveFactor : _decision.Count;
        int first = ChoosePage(pages - count + 1);
        return mapping.Slice((long)first << PageConstants.PageShift, (long)count << PageConstants.PageShift);
    }

    private void JudgeMove(LiveMove move)
    {
        if (move.Error != 0)
        {
            Complain("failed", $"a pool failed: {move}");
        }
    }

    private void TakeExclusively(LiveRegion region, int index)
    {
        int count = int.Min(_decision.Count, region.Count - index);
        int layout = region[index].Layout;
        TouchOutcome outcome = TouchOutcome.Of(() => Device.MakeExclusive(region.Slice(index, count)));
        if (count == 1)
        {
            JudgeOutcome(region, index, layout, outcome, isWrite: true);
        }
        else if (!outcome.IsDone && !outcome.IsRefused)
        {
            Complain("failed", $"taking exclusive access to {count} pages of {region.Name} got {outcome.What}");
        }

        Pause();

        // Whatever is held exclusively stays in RAM, and would fill it up.
        for (int i = index; i < index + count; i++)
        {
            ReadPageOf(region, i);
        }
    }

    private void ReadPageOf(LiveRegion region, int index)
    {
        LivePage page = region[index];
        int layout = page.Layout;
        int era = page.Truth.NoteDone(_done);
        TouchOutcome outcome = TouchOutcome.Of(GuardedAccess.Copy(PageBytes, region.AddressOf(index)));
        JudgeOutcome(region, index, layout, outcome, isWrite: false);
        if (outcome.IsDone)
        {
            JudgePage(region, index, page.Truth.IsSameEra(era) ? era : -1);
        }
    }

    private void MapAndGo()
    {
        int pages = _decision.Count;
        using LiveMapping mapping = _world.Space.Map((long)pages << PageConstants.PageShift);
        for (int i = 0; i < pages; i++)
        {
            _page.AsSpan().Fill(WordOf(i));
            JudgeOwn(TouchOutcome.Of(GuardedAccess.Copy(AddressIn(mapping, i), PageBytes)), "filling a mapping", isAllowed: true);
        }

        JudgeMove((_decision.Detail & 1) == 0 ? mapping.Evict() : mapping.MigrateTo(Device));
        int resized = 1 + (_decision.Detail % (2 * pages));
        mapping.Resize((long)resized << PageConstants.PageShift);
        for (int i = 0; i < resized; i++)
        {
            JudgeOwn(TouchOutcome.Of(GuardedAccess.Copy(PageBytes, AddressIn(mapping, i))), "reading a resized mapping", isAllowed: true);
            JudgeOwnPage(i, i < pages ? WordOf(i) : 0);
        }

        nuint first = AddressIn(mapping, 0);
        mapping.Dispose();

        // The addresses rest now: nobody else can have mapped something there.
        JudgeOwn(TouchOutcome.Of(GuardedAccess.Load(first, out ulong _)), "reading a mapping that is gone", isAllowed: false);
        JudgeOwn(TouchOutcome.Of(GuardedAccess.Store(first, 1UL)), "writing to a mapping that is gone", isAllowed: false);
    }

    private static nuint AddressIn(LiveMapping mapping, int page) => (nuint)mapping.Range.Start.Value + ((nuint)page << PageConstants.PageShift);

    private ulong WordOf(int page) => ((ulong)_progress << 16) | ((ulong)(uint)_number << 8) | (uint)(page + 1);

    private void JudgeOwn(in TouchOutcome outcome, string what, bool isAllowed)
    {
        if (outcome.IsDone != isAllowed || (!outcome.IsDone && !outcome.IsRefused))
        {
            string came = outcome.IsDone ? "succeeded" : $"got {outcome.What}";
            Complain(outcome.IsDone ? "touched-nothing" : "refused", $"{what} {came}");
        }
    }

    private void JudgeOwnPage(int page, ulong expected)
    {
        int wrong = _page.AsSpan().IndexOfAnyExcept(expected);
        if (wrong >= 0)
        {
            Complain("wrong-data", string.Create(
                CultureInfo.InvariantCulture, $"word {wrong} of page {page} of a mapping of this thread's own is 0x{_page[wrong]:x}, and should be 0x{expected:x}"));
        }
    }
}
