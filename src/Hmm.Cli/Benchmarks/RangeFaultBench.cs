using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;

namespace Hmm.Cli.Benchmarks;

/// <summary>Snapshots of 1 GiB against the least that anybody must do.</summary>
/// <remarks>The baseline of small entries reads one word and writes one word a page; that of huge entries and holes fills a span. All of them run over
/// arrays of the size that the real ones have.</remarks>
internal sealed class RangeFaultBench(CancellationToken cancellation)
{
    private const int Runs = 31;

    private readonly List<BenchResult> _results = [];
    private readonly ulong[] _entries = new ulong[MirroredSpace.Pages];
    private readonly ulong[] _target = new ulong[MirroredSpace.Pages];

    public IReadOnlyList<BenchResult> Run()
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            _entries[i] = ((ulong)i << PageConstants.PageShift) | 3;
        }

        using (MirroredSpace small = new MirroredSpace().Touch(every: 1).Expect(MirroredSpace.Pages, order: 0))
        {
            AddAll("1 GiB of 4 KiB entries", small, CopyEntries);
            Add("1 GiB of 4 KiB entries, linux2020 then converted to nouveau", () => SnapshotThenConvert(small), CopyEntries);
        }

        using (MirroredSpace huge = new MirroredSpace().AdviseHuge().Touch(every: PageConstants.HugePages)
            .Expect(MirroredSpace.Pages, PageConstants.HugeOrder))
        {
            AddAll("1 GiB of 2 MiB entries", huge, FillSpan);
        }

        using (MirroredSpace holes = new MirroredSpace().Expect(0, order: 0))
        {
            AddAll("1 GiB of holes", holes, FillSpan);
        }

        using (MirroredSpace mixed = new MirroredSpace().Touch(every: 3).Look(first: 1, every: 3)
            .Expect(MirroredSpace.Pages - (MirroredSpace.Pages / 3), order: 0))
        {
            AddAll("1 GiB of alternating entries (own, zero page, none)", mixed, CopyEntries);
        }

        return _results;
    }

    private void AddAll(string name, MirroredSpace space, Action baseline)
    {
        Add(name + ", linux2020", space.Snapshot<Linux2020>, baseline);
        Add(name + ", nouveau", space.Snapshot<Nouveau>, baseline);
        Add(name + ", linux2018", space.Snapshot<Linux2018<BenchFormat2018>>, baseline);
    }

    private void Add(string name, Action subject, Action baseline)
    {
        (double time, double least) = Stopclock.Compare(subject, baseline, Runs, cancellation);
        _results.Add(BenchResult.Of(name, time / MirroredSpace.Pages, least / MirroredSpace.Pages));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CopyEntries()
    {
        ulong[] from = _entries;
        ulong[] to = _target;
        for (int i = 0; i < from.Length && i < to.Length; i++)
        {
            to[i] = Volatile.Read(ref from[i]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FillSpan() => _target.AsSpan().Fill((ulong)_target.Length);

    private static void SnapshotThenConvert(MirroredSpace space)
    {
        space.Snapshot<Linux2020>();
        ulong[] words = space.Words;
        for (int i = 0; i < words.Length; i++)
        {
            HmmPfnFlags flags = Linux2020.FlagsOf(words[i]);
            words[i] = (flags & HmmPfnFlags.Valid) == 0
                ? Nouveau.None
                : Nouveau.EncodeSystem(Linux2020.PfnOf(words[i]), (flags & HmmPfnFlags.Write) != 0, Linux2020.OrderOf(words[i]));
        }
    }
}
