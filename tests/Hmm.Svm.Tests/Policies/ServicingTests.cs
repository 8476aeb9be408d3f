using System.Collections.Generic;
using Hmm.Svm.Policies;
using Hmm.Svm.Policies.Servicing;

namespace Hmm.Svm.Tests.Policies;

public class ServicingTests
{
    private static readonly int[] Sizes = [512, 16, 1];

    [Fact]
    public void AStormOfInvalidPrefetchesTurnsThemOffForASecond()
    {
        PrefetchStormValve valve = new();
        List<string> rules =
        [
            valve.AfterBatch(168, 0).Rule,
            valve.AfterBatch(169, 10).Rule,
            valve.AfterBatch(0, 1_000_000_009).Rule,
            valve.AfterBatch(256, 1_000_000_010).Rule,
        ];

        Assert.Equal(["open", "prefetch-storm", "still-off", "prefetch-on-again"], rules);
        Assert.True(valve.IsOpen);
    }

    [Theory]
    [InlineData(600, 0, 4096, true, "largest", 512, 512)]
    [InlineData(600, 520, 4096, true, "mapping-too-small", 592, 16)]
    [InlineData(600, 0, 4096, false, "not-populated", 592, 16)]
    [InlineData(600, 598, 603, true, "mapping-too-small", 600, 1)]
    [InlineData(600, 601, 4096, true, "mapping-too-small", 0, 0)]
    public void AChunkIsTheLargestThatFits(ulong page, ulong first, ulong end, bool isPopulated, string rule, ulong chunkFirst, ulong pages)
    {
        Reason reason = ChunkChoice.Choose(page, Sizes, new PageSpan(first, end), new Map(default, isPopulated), out PageSpan chunk);

        Assert.Equal(rule, reason.Rule);
        Assert.Equal(new PageSpan(chunkFirst, chunkFirst + pages), chunk);
    }

    [Fact]
    public void AChunkDoesNotOverlapItsNeighbours()
    {
        Reason reason = ChunkChoice.Choose(600, Sizes, new PageSpan(0, 4096), new Map(new PageSpan(512, 513), true), out PageSpan chunk);

        Assert.Equal("overlaps-chunk (pages 16, page 600)", reason.ToString());
        Assert.Equal(new PageSpan(592, 608), chunk);
    }

    [Fact]
    public void AWindowIsWhatIsDemandedAndWhatIsReadAhead()
    {
        PageSpan region = new(16, 4096);
        ReadAheadWindow window = ReadAheadWindow.For(0x20_0FFF, 2, before: 0x10_0000, after: 0x1000_0000, region);

        Assert.Equal(new PageSpan(0x200, 0x202), window.Demanded);
        Assert.Equal(new PageSpan(0x100, 0x602), window.Wide);
        Assert.Equal(new PageSpan(0x202, 0x602), window.Following(ulong.MaxValue >> 1, region));
        Assert.Equal(default, ReadAheadWindow.For(0xF000, 0x1000, 0, 0, region));
    }

    [Theory]
    [InlineData(AccessSet.Read | AccessSet.Write, AccessSet.Read, true, AccessSet.Read, AccessSet.Write)]
    [InlineData(AccessSet.Read | AccessSet.Write, AccessSet.Read, false, AccessSet.None, AccessSet.Read | AccessSet.Write)]
    [InlineData(AccessSet.Read | AccessSet.Prefetch, AccessSet.None, true, AccessSet.None, AccessSet.Read)]
    [InlineData(AccessSet.Prefetch, AccessSet.None, false, AccessSet.None, AccessSet.None)]
    [InlineData(AccessSet.Atomic | AccessSet.Read, AccessSet.All, false, AccessSet.Atomic | AccessSet.Read, AccessSet.None)]
    public void OnlyWhatNeverCanGoOnIsCancelled(AccessSet waiting, AccessSet allowed, bool isPartial, AccessSet served, AccessSet cancelled)
    {
        CancelChoice choice = CancelChoice.For(waiting, allowed, isPartial);

        Assert.Equal(served, choice.Served);
        Assert.Equal(cancelled, choice.Cancelled);
        Assert.Equal(waiting, choice.Served | choice.Cancelled | choice.Dropped);
    }

    private readonly struct Map(PageSpan taken, bool isPopulated) : IChunkMap
    {
        public bool Overlaps(PageSpan span) => taken.Cut(span).Count > 0;

        public bool IsPopulated(PageSpan span) => isPopulated;
    }
}
