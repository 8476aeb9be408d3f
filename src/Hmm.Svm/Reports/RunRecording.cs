using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Core.Addressing;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Reports;

/// <summary>Watches a run and keeps what a picture of it needs: who touched which addresses when, where pages lived, and what the service did.</summary>
/// <remarks>Not thread-safe. Memory has a bound, about 20 MiB, whatever the run: when a run outgrows the picture, pieces of time or of the address
/// space are put together by twos.</remarks>
public sealed class RunRecording : IReplayObserver
{
    /// <summary>Pieces of time.</summary>
    internal const int Columns = 240;

    private const int RowsMax = 360;
    private const int FirstRowShift = 4;
    private const long FirstBinNs = 100;

    private readonly TimeBin[] _bins = new TimeBin[Columns];
    private Dictionary<ulong, HeatRow> _rows = [];
    private ulong _lastKey = ulong.MaxValue;
    private HeatRow? _lastRow;

    /// <inheritdoc/>
    public bool WantsAccesses => true;

    /// <summary>How long a piece of time is, in nanoseconds.</summary>
    internal long BinNs { get; private set; } = FirstBinNs;

    /// <summary>How many pieces of time were reached.</summary>
    internal int Width { get; private set; }

    /// <summary>Binary logarithm of the pages of a row.</summary>
    internal int RowShift { get; private set; } = FirstRowShift;

    internal ReadOnlySpan<TimeBin> Bins => _bins.AsSpan(0, Width);

    /// <inheritdoc/>
    public void Accessed(in PageAccess access, long time)
    {
        int bin = BinOf(time);
        ulong page = access.PageNumber, end = page + access.Pages;
        while (page < end)
        {
            ulong next = Math.Min(end, ((page >> RowShift) + 1) << RowShift);
            ref HeatCell cell = ref RowOf(page).Cells[bin];
            (access.Agent == Agents.Cpu ? ref cell.Cpu : ref cell.Device) += (long)(next - page);
            page = next;
        }
    }

    /// <inheritdoc/>
    public void Faulted(in FaultRecord fault) => RowOf(fault.Page).Cells[BinOf(fault.Time)].Faults++;

    /// <inheritdoc/>
    public void Moved(in ResidencyEvent change)
    {
        int bin = BinOf(change.Time);
        Count(ref _bins[bin], change);
        bool isGone = change.Change == ResidencyChange.Unmapped;
        bool was = change.From >= Agents.FirstDevice, willBe = !isGone && change.To >= Agents.FirstDevice;
        if (was == willBe || change.Change is ResidencyChange.Revocation or ResidencyChange.ReadDuplication)
        {
            return;
        }

        // A row can be part of a block, or the block part of a row.
        int step = 1 << Math.Min(RowShift, PageConstants.HugeOrder);
        for (int first = change.Pages.Next(0); first < PageMask.Pages;)
        {
            int start = first & ~(step - 1);
            int count = change.Pages.CountRange(start, step);
            HeatRow row = RowOf((change.Block << PageConstants.HugeOrder) + (ulong)start);
            row.Resident = Math.Max(0, row.Resident + (willBe ? count : -count));
            row.Cells[bin].Resident = row.Resident;
            row.Cells[bin].HasHome = true;
            first = start + step < PageMask.Pages ? change.Pages.Next(start + step) : PageMask.Pages;
        }
    }

    /// <inheritdoc/>
    public void BatchServed(in BatchRecord batch)
    {
        ref TimeBin bin = ref _bins[BinOf(batch.End)];
        bin.Batches++;
        bin.Duplicates += batch.Duplicates;
        bin.Fresh += batch.Entries - batch.Duplicates;
        bin.Refused += batch.Throttled + batch.Cancelled;
    }

    /// <summary>The rows, by their first page, settled; the run is over.</summary>
    internal IReadOnlyList<KeyValuePair<ulong, HeatRow>> Rows()
    {
        foreach (HeatRow row in _rows.Values)
        {
            row.Settle();
        }

        return [.. _rows.Select(row => KeyValuePair.Create(row.Key << RowShift, row.Value)).OrderBy(row => row.Key)];
    }

    private static void Count(ref TimeBin bin, in ResidencyEvent change)
    {
        int pages = change.Pages.Count;
        switch (change.Change)
        {
            case ResidencyChange.Eviction:
                bin.Evicted += pages;
                break;
            case ResidencyChange.Migration or ResidencyChange.UserMigration when change.To >= Agents.FirstDevice:
                bin.ToDevice += pages;
                break;
            case ResidencyChange.Migration or ResidencyChange.UserMigration when change.From >= Agents.FirstDevice:
                bin.Home += pages;
                break;
        }
    }

    private int BinOf(long time)
    {
        while (time / BinNs >= Columns)
        {
            BinNs *= 2;
            Width = (Width + 1) / 2;
            for (int i = 0; i < Columns; i++)
            {
                TimeBin bin = default;
                if (2 * i < Columns)
                {
                    bin = _bins[2 * i];
                    bin.Append(_bins[(2 * i) + 1]);
                }

                _bins[i] = bin;
            }

            foreach (HeatRow row in _rows.Values)
            {
                row.HalveTime();
            }
        }

        int found = (int)(time / BinNs);
        Width = Math.Max(Width, found + 1);
        return found;
    }

    private HeatRow RowOf(ulong page)
    {
        ulong key = page >> RowShift;
        if (key == _lastKey && _lastRow is not null)
        {
            return _lastRow;
        }

        if (!_rows.TryGetValue(key, out HeatRow? row))
        {
            if (_rows.Count == RowsMax)
            {
                Coarsen();
                return RowOf(page);
            }

            row = new HeatRow();
            _rows.Add(key, row);
        }

        (_lastKey, _lastRow) = (key, row);
        return row;
    }

    private void Coarsen()
    {
        Dictionary<ulong, HeatRow> rows = [];
        foreach ((ulong key, HeatRow row) in _rows)
        {
            if (rows.TryGetValue(key >> 1, out HeatRow? other))
            {
                other.Add(row);
            }
            else
            {
                rows.Add(key >> 1, row);
            }
        }

        _rows = rows;
        _lastRow = null;
        RowShift++;
    }
}
