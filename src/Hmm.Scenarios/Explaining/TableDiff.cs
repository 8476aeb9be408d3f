using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;

namespace Hmm.Scenarios.Explaining;

/// <summary>Compares a page table before a command and after it.</summary>
internal static class TableDiff
{
    /// <summary>The pages that changed, and those of the range whether they changed or not, folded into runs.</summary>
    public static IReadOnlyList<EntryRun> Compare(TableSnapshot before, TableSnapshot after, VirtualRange? shown, bool hasAge)
    {
        var boundaries = new HashSet<ulong>();
        before.AddBoundaries(boundaries);
        after.AddBoundaries(boundaries);
        (ulong first, ulong end) = shown is { } range ? (range.Start.PageNumber, range.End.PageNumber) : (0UL, 0UL);
        boundaries.Add(first);
        boundaries.Add(end);
        ulong[] cuts = [.. boundaries];
        Array.Sort(cuts);

        var runs = new List<EntryRun>();
        for (int i = 0; i + 1 < cuts.Length; i++)
        {
            EntryState old = hasAge ? before[cuts[i]] : before[cuts[i]].Ageless;
            EntryState now = hasAge ? after[cuts[i]] : after[cuts[i]].Ageless;
            bool isShown = cuts[i] >= first && cuts[i] < end;
            if (old != now || isShown)
            {
                Append(runs, cuts[i], cuts[i + 1], old, now);
            }
        }

        return runs;
    }

    private static void Append(List<EntryRun> runs, ulong first, ulong end, EntryState old, EntryState now)
    {
        var range = new VirtualRange(VirtualAddress.FromPage(first), VirtualAddress.FromPage(end));
        var run = new EntryRun(range, old.Shape, now.Shape, old != now);
        if (runs.Count > 0 && runs[^1] is var last && last.Range.End == range.Start
            && (last.Before, last.After, last.IsChanged) == (run.Before, run.After, run.IsChanged))
        {
            run = last with { Range = new VirtualRange(last.Range.Start, range.End) };
            runs[^1] = run;
        }
        else
        {
            runs.Add(run);
        }

        run.FramesBefore.Add(old.Frame);
        run.FramesAfter.Add(now.Frame);
    }
}
