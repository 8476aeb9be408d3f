using System;
using System.Runtime.CompilerServices;

namespace Hmm.Svm.Policies.Prefetching;

/// <summary>Notices that faults of one destination in one address space come in equal steps, and brings the next ones of the row within the block.</summary>
/// <remarks>
/// Faults of one call are looked at in ascending order; a step must repeat <c>confirm</c> times. A step may be larger than a block: then nothing is
/// brought, but the row is not lost. Not thread-safe. Allocates nothing. Settings: <c>ahead</c> (8 pages), <c>confirm</c> (2).
/// </remarks>
public sealed class StridePrefetch : IPrefetchPolicy
{
    private readonly int _ahead;
    private readonly int _confirm;
    private Rows _rows;

    /// <summary>Makes one.</summary>
    /// <param name="ahead">Pages of the row to bring, 1 to 512.</param>
    /// <param name="confirm">How often a step must repeat, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public StridePrefetch(int ahead = 8, int confirm = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ahead, PageMask.Pages);
        ArgumentOutOfRangeException.ThrowIfLessThan(confirm, 1);
        _ahead = ahead;
        _confirm = confirm;
    }

    /// <inheritdoc/>
    public Reason Choose(in PrefetchQuery query, ref PageMask prefetch)
    {
        ref Row row = ref _rows[(int)((uint)((query.Space * 31) + query.Destination) % Rows.Count)];
        if (row.Space != query.Space || row.Destination != query.Destination)
        {
            row = new Row { Space = query.Space, Destination = query.Destination, Last = -1 };
        }

        long blockFirst = (long)query.Block * PageMask.Pages;
        for (int page = query.Faulted.Next(0); page < PageMask.Pages; page = query.Faulted.Next(page + 1))
        {
            row.See(blockFirst + page);
        }

        if (row.Repeats < _confirm || row.Step == 0)
        {
            return new Reason("no-row", new("step", row.Step), new("repeats", row.Repeats));
        }

        long next = row.Last - blockFirst + row.Step;
        for (int i = 0; i < _ahead && next >= query.RegionFirst && next < query.RegionEnd; i++, next += row.Step)
        {
            prefetch.Add((int)next);
        }

        // A page that came along does not fault; the row goes on behind it.
        row.Expect(prefetch.Count);
        prefetch = prefetch - query.Faulted - query.Thrashing;
        return new Reason("row", new("step", row.Step), new("repeats", row.Repeats), new("pages", prefetch.Count));
    }

    private struct Row
    {
        public int Space;
        public int Destination;
        public long Last;
        public long Step;
        public int Repeats;
        private long _brought;

        public void See(long page)
        {
            long step = page - Last;
            bool isInRow = Step != 0 && (step == Step || step == Step * (_brought + 1));
            if (Last >= 0)
            {
                Repeats = isInRow ? Repeats + 1 : 1;
                Step = isInRow ? Step : step;
            }

            _brought = 0;
            Last = page;
        }

        public void Expect(int brought) => _brought = brought;
    }

    [InlineArray(Count)]
    private struct Rows
    {
        public const int Count = 64;
        private Row _first;
    }
}
