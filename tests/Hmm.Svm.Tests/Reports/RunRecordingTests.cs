using System.Linq;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Reports;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Reports;

/// <summary>A picture's data stay true when they are put together, and never outgrow their bound.</summary>
public sealed class RunRecordingTests
{
    [Fact]
    public void TouchesAreCountedWhereAndWhenTheyHappen()
    {
        RunRecording recording = new();
        recording.Accessed(new PageAccess(0, AccessKind.Write, 15, 2, 0), 0);
        recording.Accessed(new PageAccess(1, AccessKind.Read, 16, 1, 0), 150);
        Assert.Equal([0UL, 16], recording.Rows().Select(row => row.Key));
        Assert.Equal((1, 0), (recording.Rows()[0].Value.Cells[0].Cpu, recording.Rows()[0].Value.Cells[0].Device));
        Assert.Equal((1, 0), (recording.Rows()[1].Value.Cells[0].Cpu, recording.Rows()[1].Value.Cells[0].Device));
        Assert.Equal(1, recording.Rows()[1].Value.Cells[1].Device);
    }

    [Fact]
    public void PagesLiveWhereTheyMovedLast()
    {
        RunRecording recording = new();
        Move(recording, PageMask.Range(0, 20), Agents.Cpu, 1, time: 100);
        Move(recording, PageMask.Range(4, 2), 1, Agents.Cpu, time: 300);
        HeatCell[] cells = recording.Rows()[0].Value.Cells;
        Assert.Equal([0, 16, 16, 14, 14], cells.Take(5).Select(cell => cell.Resident));
        Assert.Equal(4, recording.Rows()[1].Value.Cells[9].Resident);
    }

    [Fact]
    public void ALongRunKeepsItsSums()
    {
        RunRecording recording = new();
        for (int i = 0; i < 10_000; i++)
        {
            recording.Accessed(new PageAccess(i % 2, AccessKind.Read, 7, 1, 0), i * 1000L);
            recording.BatchServed(new BatchRecord(1, i, i * 1000L, 5, 2, 1, 3, 3, 1, 0));
        }

        Assert.InRange(recording.Width, RunRecording.Columns / 2, RunRecording.Columns);
        Assert.Equal(10_000, recording.Rows()[0].Value.Cells.Sum(cell => cell.Cpu + cell.Device));
        long batches = 0, fresh = 0, duplicates = 0;
        foreach (TimeBin bin in recording.Bins)
        {
            batches += bin.Batches;
            fresh += bin.Fresh;
            duplicates += bin.Duplicates;
        }

        Assert.Equal((10_000, 30_000, 20_000), (batches, fresh, duplicates));
    }

    [Fact]
    public void AWideRunKeepsItsSums()
    {
        RunRecording recording = new();
        const int Blocks = 3000;
        for (int block = 0; block < Blocks; block++)
        {
            recording.Accessed(new PageAccess(1, AccessKind.Read, (ulong)block << 9, 512, 0), block);
            Move(recording, PageMask.Range(0, 512), Agents.Cpu, 1, time: block, block: (ulong)block);
        }

        Assert.InRange(recording.Rows().Count, 90, 360);
        Assert.Equal(Blocks * 512L, recording.Rows().Sum(row => row.Value.Cells.Sum(cell => cell.Device)));
        Assert.Equal(Blocks * 512, recording.Rows().Sum(row => row.Value.Cells[recording.Width - 1].Resident));
    }

    [Fact]
    public void EvictionsAndHomecomingsAreToldApart()
    {
        RunRecording recording = new();
        Move(recording, PageMask.Range(0, 8), Agents.Cpu, 1, time: 0);
        Move(recording, PageMask.Range(0, 3), 1, Agents.Cpu, time: 0);
        Move(recording, PageMask.Range(3, 5), 1, Agents.Cpu, time: 0, change: ResidencyChange.Eviction);
        TimeBin bin = recording.Bins[0];
        Assert.Equal((8, 3, 5), (bin.ToDevice, bin.Home, bin.Evicted));
        Assert.Equal(0, recording.Rows()[0].Value.Resident);
    }

    internal static void Move(
        RunRecording recording, PageMask pages, int from, int to, long time, ulong block = 0, ResidencyChange change = ResidencyChange.Migration) =>
        recording.Moved(new ResidencyEvent { Change = change, Block = block, Pages = pages, From = from, To = to, Time = time });
}
