using System;
using System.Linq;
using System.Threading;
using Hmm.Simulation.Stress;

namespace Hmm.Simulation.Tests.Stress;

/// <summary>The engine holds under real threads, and the checkers find what is planted.</summary>
public sealed class StressRunTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    /// <summary>Ended before: a bug ends the run as soon as it is found.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public void NothingIsFoundWhereNothingIsWrong()
    {
        // On a busy machine rare operations may not come in a short run.
        StressReport report;
        TimeSpan time = Short;
        do
        {
            report = StressRun.Run(new StressOptions(time, StressOptions.DefaultThreads, Seed: 1));
            Assert.True(report.IsClean, string.Join('\n', report.Violations));
            Assert.False(report.IsInterrupted);
            time *= 4;
        }
        while (time < Long && report.Operations.Any(operation => operation.Value == 0));
        Assert.All(report.Operations, operation => Assert.True(operation.Value > 0, $"{operation.Key} never came"));
        Assert.Contains(report.LockWaits, waits => waits.Value > 0);
    }

    [Fact]
    public void OneThreadAloneIsCleanToo() => Assert.True(StressRun.Run(new StressOptions(TimeSpan.FromSeconds(0.5), 1, Seed: 2)).IsClean);

    [Theory]
    [InlineData(StressBug.SkipRetry, "stale-entry")]
    [InlineData(StressBug.NoLockInCallback, "driver-lock,stale-entry,lost-write,freed-frame")]
    [InlineData(StressBug.RemoveDoesNotWait, "removed-driver")]
    [InlineData(StressBug.SequenceOutsideLoop, "stuck")]
    [InlineData(StressBug.NoReleaseBarrier, "lost-write,freed-frame")]
    public void EachPlantedBugIsFound(StressBug bug, string rules)
    {
        StressReport report = StressRun.Run(new StressOptions(Long, 4, Seed: 1, bug));
        Assert.Contains(report.Violations, violation => rules.Split(',').Contains(violation.Rule));
    }

    [Fact]
    public void ACancelledRunSaysSo()
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        StressReport report = StressRun.Run(new StressOptions(Long, 2, Seed: 1), cancelled.Token);
        Assert.True(report.IsInterrupted);
        Assert.True(report.IsClean, string.Join('\n', report.Violations));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(StressOptions.ThreadsMax + 1)]
    public void ANumberOfThreadsThatCannotBeIsRefused(int threads) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => StressRun.Run(new StressOptions(Short, threads, Seed: 1)));
}
