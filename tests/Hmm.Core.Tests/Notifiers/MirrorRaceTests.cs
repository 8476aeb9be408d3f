using System;
using System.Linq;
using Hmm.Core.Notifiers;
using static Hmm.Core.Tests.Notifiers.RecordingDriver;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>The protocol under real threads, and the checker under planted bugs.</summary>
public sealed class MirrorRaceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void NoStaleEntrySurvivesAnInvalidationThatReturned(int seed)
    {
        var race = new MirrorRace(PlantedBug.None, TimeSpan.FromSeconds(1), int.MaxValue, seed);

        race.Run();

        Assert.Empty(race.Violations);
        Assert.True(
            race.IsLively,
            $"Too little happened: {race.Commits} commits, {race.Invalidations} invalidations, {race.Comings} comings.");
    }

    [Theory]
    [InlineData(PlantedBug.SkipsTheRetryTest)]
    [InlineData(PlantedBug.TestsBeforeTheLock)]
    [InlineData(PlantedBug.StoresNoNumber)]
    [InlineData(PlantedBug.TearsNothingDown)]
    public void TheCheckerCatchesADriverThat(PlantedBug bug)
    {
        var race = new MirrorRace(bug, TimeSpan.FromMinutes(1), maxReads: 1_000_000, seed: 1);

        race.Run();

        Assert.True(race.Violations.Count > 0, $"{bug} was not caught within {race.Reads} reads.");
        Assert.All(race.Violations, violation => Assert.Contains(": page ", violation, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryWaiterWakes()
    {
        var space = new MmuNotifierSubscriptions();
        RecordingDriver[] drivers = [.. Enumerable.Range(0, 4).Select(i => On(space, (ulong)i, 1))];
        for (int round = 0; round < 5; round++)
        {
            MmuNotifierRange range = Pages(0, 8);
            Assert.Equal(HmmStatus.Success, space.InvalidateRangeStart(range));
            BlockedCall[] waiters =
            [
                .. drivers.Select(driver => new BlockedCall(() => driver.Subscription.ReadBegin())),
                new(drivers[round % 4].Subscription.Remove),
            ];
            Array.ForEach(waiters, waiter => waiter.AssertWaits());
            space.InvalidateRangeEnd(range);
            Array.ForEach(waiters, waiter => waiter.AssertReturns());
            drivers[round % 4] = On(space, (ulong)(round % 4), 1);
        }
    }
}
