using System;
using FsCheck;
using FsCheck.Fluent;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Devices;

public sealed class GpuTests : IDisposable
{
    private readonly CountingMachine _machine = new(false);
    private readonly MemorySystem _memory;

    public GpuTests() => _memory = new MemorySystem(_machine);

    public void Dispose()
    {
        _memory.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public void ATlbNeverKnowsMoreThanThePageTableAfterInvalidations() =>
        Prop.ForAll<(byte, byte, byte)[]>(steps =>
        {
            GpuPageTable table = new();
            GpuTlb tlb = new(16);
            foreach ((byte place, byte length, byte what) in steps)
            {
                ulong page = (ulong)place * 5;
                if (what % 3 == 0)
                {
                    table.Erase(page, (ulong)length + 1);
                    tlb.Invalidate(1, page, (ulong)length + 1);
                }
                else
                {
                    ulong[] words = new ulong[length + 1];
                    for (int i = 0; i < words.Length; i++)
                    {
                        words[i] = GpuEntry.Make(new Pfn(page + (ulong)i + 1024), what % 2 == 0, isOwn: true).Value;
                    }

                    table.Map(page, words, 9, out bool hasReplaced);
                    if (hasReplaced)
                    {
                        tlb.Invalidate(1, page, (ulong)words.Length);
                    }
                }

                for (ulong at = 0; at < 1600; at += 3)
                {
                    GpuEntry entry = table.Find(at);
                    ulong known = tlb.Find(1, at);
                    Assert.True(known == 0 || known == (entry.Value & 15), $"page {at}: the TLB says {known}, the table {entry}");
                    Assert.Equal(0UL, tlb.Find(2, at));
                    if (entry.IsValid)
                    {
                        tlb.Fill(1, at, entry);
                    }
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AStalledAccessIsDoneByAReplayOnceItsPageIsMapped()
    {
        Gpu gpu = MakeGpu();
        GpuChannel channel = gpu.OpenChannel();
        Assert.Equal(AccessOutcome.Stalled, gpu.Access(channel, 7, AccessKind.Write, 0, out _));
        Assert.Equal(0, gpu.Replay(0, 10));
        Assert.Equal((1, 2), (gpu.StalledCount, gpu.Faults.Pending));
        channel.PageTable.Map(7, [GpuEntry.Make(new Pfn(1), writable: false).Value], 0, out _);
        gpu.Replay(0, 10);
        Assert.Equal(1, gpu.StalledCount);
        channel.PageTable.Map(7, [GpuEntry.Make(new Pfn(1), writable: true).Value], 0, out _);
        gpu.Replay(0, 10);
        Assert.Equal((0, 1L), (gpu.StalledCount, gpu.Completed));
    }

    [Fact]
    public void CancellingWritesLeavesReadsWaiting()
    {
        Gpu gpu = MakeGpu();
        GpuChannel channel = gpu.OpenChannel();
        gpu.Access(channel, 7, AccessKind.Read, 0, out _);
        gpu.Access(channel, 7, AccessKind.Write, 0, out _);
        gpu.Access(channel, 8, AccessKind.Write, 0, out _);
        Assert.Equal(1, gpu.Cancel(channel, 7, AccessKind.Write, AccessKind.Atomic));
        Assert.Equal(2, gpu.StalledCount);
    }

    [Fact]
    public void ADeviceTakesNoMoreAccessesThanItHolds()
    {
        Gpu gpu = MakeGpu(inFlight: 2);
        GpuChannel channel = gpu.OpenChannel();
        gpu.Access(channel, 1, AccessKind.Read, 0, out _);
        gpu.Access(channel, 2, AccessKind.Read, 0, out _);
        Assert.Equal(AccessOutcome.Full, gpu.Access(channel, 3, AccessKind.Read, 0, out _));
        Assert.Equal(AccessOutcome.Forgotten, gpu.Access(channel, 3, AccessKind.Prefetch, 0, out _));
        gpu.Acknowledge(channel, 1, 0, 10);
        gpu.Cancel(channel, 1, AccessKind.Read, AccessKind.Atomic);
        Assert.Equal(AccessOutcome.Stalled, gpu.Access(channel, 3, AccessKind.Read, 0, out _));
    }

    [Fact]
    public void AnAccessThatNothingHelpsIsGivenUp()
    {
        Gpu gpu = MakeGpu();
        gpu.Access(gpu.OpenChannel(), 1, AccessKind.Read, 0, out _);
        int givenUp = 0;
        int replays = 0;
        while (gpu.StalledCount > 0)
        {
            givenUp += gpu.Replay(0, 10);
            replays++;
        }

        Assert.Equal((1, 10), (givenUp, replays));
    }

    [Fact]
    public void AtomicsNeedOwnMemoryOrExclusiveAccessWhereTheBusHasNone()
    {
        Gpu gpu = MakeGpu();
        gpu.HasBusAtomics = false;
        GpuChannel channel = gpu.OpenChannel();
        channel.PageTable.Map(1, [GpuEntry.Make(new Pfn(1), true).Value, GpuEntry.Make(new Pfn(2), true, isOwn: true).Value,
            GpuEntry.Make(new Pfn(3), true, isAtomic: true).Value], 0, out _);
        Assert.False(gpu.TryTranslate(channel, 1, AccessKind.Atomic, out _));
        Assert.True(gpu.TryTranslate(channel, 2, AccessKind.Atomic, out bool ownIsRemote));
        Assert.True(gpu.TryTranslate(channel, 3, AccessKind.Atomic, out bool systemIsRemote));
        Assert.Equal((false, true), (ownIsRemote, systemIsRemote));
    }

    [Fact]
    public void TheCopyEngineWorksOneTransferAfterAnother()
    {
        CostModel costs = CostModel.Default;
        CopyEngine engine = new(_memory, costs, hasContents: false);
        engine.Add(new Pfn(1), new Pfn(2), CopyDirection.ToDevice, 0);
        engine.Add(new Pfn(3), new Pfn(4), CopyDirection.ToDevice, 0);
        engine.Add(new Pfn(5), new Pfn(6), CopyDirection.ToSystem, 0);
        long done = engine.Run(1000);
        Assert.Equal(2, engine.Transfers);
        Assert.Equal(1000 + costs.CopyTime(CopyDirection.ToDevice, 8192) + costs.CopyTime(CopyDirection.ToSystem, 4096), done);
        Assert.Equal(done, engine.Run(0));
    }

    private Gpu MakeGpu(int inFlight = 16) =>
        new(1, new CopyEngine(_memory, CostModel.Default, hasContents: false), new GpuOptions(64, 16, inFlight));
}
