using System.IO;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Traces;

/// <summary>What a trace holds, counted.</summary>
public sealed class TraceInspectionTests
{
    private static readonly PageAccess[] Accesses =
    [
        new(0, AccessKind.Write, 100, 4, 0), new(1, AccessKind.Read, 102, 4, 10), new(1, AccessKind.Atomic, 102, 1, 12), new(2, AccessKind.Prefetch, 900, 1, 30),
    ];

    [Fact]
    public void AgentsPagesAndTimesAreCounted()
    {
        using TraceReader reader = new(new MemoryStream(TraceBytes.Write(Accesses, "by hand")), "t");
        TraceInspection inspection = TraceInspection.Read(reader);
        Assert.Equal(("by hand", 4L, 4L, 30L, 7L, 2L, null), (
            inspection.Origin, inspection.Records, inspection.RawAccesses, inspection.DurationNs, inspection.PagesTouched, inspection.PagesShared,
            inspection.Truncation));
        Assert.Equal(
            [new AgentCounts(0, 0, 1, 0, 0, 4, 4), new AgentCounts(1, 1, 0, 1, 0, 4, 1), new AgentCounts(2, 0, 0, 0, 1, 1, 0)], inspection.Agents);
        Assert.Equal(2, inspection.Mappings.Count);
    }

    [Fact]
    public void ATruncatedTraceIsCountedToWhereItIsGood()
    {
        byte[] bytes = TraceBytes.Write(Accesses);
        using TraceReader reader = new(new MemoryStream(bytes[..^1]), "t");
        TraceInspection inspection = TraceInspection.Read(reader);
        Assert.Equal(4, inspection.Records);
        Assert.NotNull(inspection.Truncation);
        Assert.Equal(2, inspection.Mappings.Count);
    }
}
