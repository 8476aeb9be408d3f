using System;
using System.Linq;
using System.Threading;
using Hmm.Simulation.Stress;

namespace Hmm.Simulation.Tests.Stress;

/// <summary>Whoever hangs is named, and nobody waits for him for ever.</summary>
public sealed class StressWatchTests
{
    [Fact]
    public void AThreadThatEndsNothingIsNamedAndEndsTheRun()
    {
        ViolationLog log = new();
        StressWatch watch = new([new Hanging()], log, TimeSpan.FromMilliseconds(100));
        Assert.False(watch.Run(TimeSpan.FromMinutes(10), CancellationToken.None));
        Assert.False(watch.TryJoin());
        Assert.Equal(
            ["stuck: no progress for 0.1 s: one who hangs", "stuck: never ended: one who hangs"], log.ToList().Select(violation => violation.ToString()));
    }

    private sealed class Hanging : IStressThread
    {
        public long Progress => 0;

        public void Start()
        {
            // It does nothing at all.
        }

        public bool Join(TimeSpan timeout) => false;

        public string Describe() => "one who hangs";
    }
}
