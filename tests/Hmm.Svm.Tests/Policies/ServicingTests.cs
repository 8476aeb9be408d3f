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

    [Fact]
    public void TheShareIsOfWhatABatchCanHave()
    {
        PrefetchStormValve valve = new() { BatchLimit = 60 };
        Assert.Equal(("open", "prefetch-storm"), (valve.AfterBatch(39, 0).Rule, valve.AfterBatch(40, 0).Rule));
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

    private readonly struct Map(PageSpan taken, bool isPopulated) : IChunkMap
    {
        public bool Overlaps(PageSpan span) => taken.Cut(span).Count > 0;

        public bool IsPopulated(PageSpan span) => isPopulated;
    }
}
