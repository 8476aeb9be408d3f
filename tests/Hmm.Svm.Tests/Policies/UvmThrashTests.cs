using System.Collections.Generic;
using Hmm.Svm.Policies;
using Hmm.Svm.Policies.Thrashing;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Policies;

/// <summary>Golden vectors: CPU and device alternate on one page, nothing preferred, only system memory in reach of both.</summary>
public class UvmThrashTests
{
    private static UvmThrashSettings AsCoded => UvmThrashSettings.From(new PolicySettings(), true);

    [Theory]
    [InlineData(20, 5.1)]
    [InlineData(50, 5.3)]
    [InlineData(100, 5.6)]
    [InlineData(200, 6.2)]
    [InlineData(400, 7.4)]
    [InlineData(499, 8.0)]
    public void AFastFightEndsInAPinAfterFifteenMigrations(int periodUs, double pinMs)
    {
        UvmThrash policy = AsCoded.Make();
        PageFight fight = new PageFight(policy).Run(periodUs * 1000);

        Assert.Equal(15, fight.Migrations);
        Assert.Equal(10, fight.Throttles);
        Assert.Equal(pinMs, fight.PinnedAt / 1e6, 1);
        Assert.Equal(5.9, policy.LapseNs / 1e6, 1);
        Assert.Equal("pin-at-requester", fight.LastRule);
    }

    [Fact]
    public void AFightSlowerThanTheLapseIsNeverSeen()
    {
        UvmThrash policy = AsCoded.Make();
        PageFight fight = new PageFight(policy).Run(600_000);

        Assert.Equal(-1, fight.PinnedAt);
        Assert.Equal(0, fight.Throttles);
        Assert.Equal(500_000, policy.LapseNs);
    }

    [Theory]
    [InlineData(20, 334)]
    [InlineData(50, 258)]
    [InlineData(100, 200)]
    [InlineData(200, 128)]
    [InlineData(400, 1)]
    [InlineData(499, 1)]
    public void WithTheLapseHeldItNeverPinsBecauseWhoWakesLooksCalm(int periodUs, int throttles)
    {
        // A throttling shifts one loop against the other. From half a lapse on, the turns are then further apart than a lapse every second time, and no fight is seen again.
        PageFight fight = new PageFight((AsCoded with { AdaptsLapse = false }).Make()).Run(periodUs * 1000);

        Assert.Equal(-1, fight.PinnedAt);
        Assert.Equal(throttles, fight.Throttles);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(200)]
    [InlineData(499)]
    public void CorrectedItPinsAsSoonWithoutStretchingTheLapse(int periodUs)
    {
        foreach (bool adapts in (bool[])[true, false])
        {
            UvmThrash policy = new UvmThrashSettings { AdaptsLapse = adapts }.Make();
            PageFight fight = new PageFight(policy).Run(periodUs * 1000);

            Assert.Equal(15, fight.Migrations);
            Assert.Equal(10, fight.Throttles);
            Assert.InRange(policy.LapseNs, 400_000, 500_000);
        }
    }

    [Fact]
    public void FiftyNineShortVotesRaiseTheLapseAThousandfold()
    {
        LapseVotes asCoded = new(AsCoded);
        LapseVotes corrected = new(new UvmThrashSettings());
        for (int i = 0; i < 59; i++)
        {
            asCoded.Vote(20_000);
            corrected.Vote(20_000);
        }

        Assert.Equal(512_000_000, asCoded.LapseNs);
        Assert.Equal(437_500, corrected.LapseNs);
    }

    [Fact]
    public void ALapseThatTheUserChoseStays()
    {
        LapseVotes votes = new(AsCoded with { LapseNs = 400_000 });
        for (int i = 0; i < 100; i++)
        {
            votes.Vote(1);
        }

        Assert.Equal(400_000, votes.LapseNs);
    }

    [Fact]
    public void EvictionsAreNotSeen()
    {
        UvmThrash policy = AsCoded.Make();
        AgentTopology topology = new(1);
        for (int round = 0; round < 100; round++)
        {
            policy.Note(Event(ResidencyChange.Migration, MoveCause.DeviceFault, 0, 1, round * 1000));
            policy.Note(Event(ResidencyChange.Eviction, MoveCause.Eviction, 1, 0, (round * 1000) + 500));
        }

        Assert.Equal("no-history", policy.Judge(Query(topology, 1, 100_000)).Reason.Rule);
    }

    [Fact]
    public void AProgramThatMovesThePageItselfIsBelieved()
    {
        UvmThrash policy = AsCoded.Make();
        Fight(policy, 6);
        PageMask thrashing = default;
        policy.AddThrashing(0, 0, ref thrashing);
        Assert.True(thrashing.Has(0));

        policy.Note(Event(ResidencyChange.UserMigration, MoveCause.User, 0, 1, 700_000));

        thrashing = default;
        policy.AddThrashing(0, 0, ref thrashing);
        Assert.True(thrashing.IsEmpty);
    }

    [Fact]
    public void ABlockThatIsSilentForAnEpochIsForgottenFourTimes()
    {
        UvmThrash policy = AsCoded.Make();
        AgentTopology topology = new(1);
        List<string> rules = [];
        long time = 0;
        for (int round = 0; round < 6; round++)
        {
            Fight(policy, 6, time);
            time += 2_000_000_000;
            rules.Add(policy.Judge(Query(topology, 1, time)).Reason.Rule);
        }

        Assert.Equal(["silent-epoch", "silent-epoch", "silent-epoch", "silent-epoch", "calm", "calm"], rules);
    }

    [Fact]
    public void APinIsHandedBackWhenItsTimeIsOver()
    {
        UvmThrash policy = AsCoded.Make();
        long pinned = new PageFight(policy).Run(100_000).PinnedAt;

        Assert.False(policy.TryUnpin(pinned + 149_000_000, out _, out _, out _));
        Assert.True(policy.TryUnpin(pinned + 149_980_000, out _, out _, out int page));
        Assert.Equal(0, page);
        Assert.False(policy.TryUnpin(pinned + 160_000_000, out _, out _, out _));
        PageMask thrashing = default;
        policy.AddThrashing(0, 0, ref thrashing);
        Assert.True(thrashing.IsEmpty);
    }

    [Fact]
    public void APreferredPlaceThatAllReachIsWhereThePagePins()
    {
        UvmThrash policy = AsCoded.Make();
        Fight(policy, 6);
        ThrashQuery query = Query(new AgentTopology(1), 1, 700_000);
        query.PreferredLocation = Agents.Cpu;
        ThrashDecision decision = policy.Judge(query);

        Assert.Equal(ThrashVerdict.Pin, decision.Verdict);
        Assert.Equal(Agents.Cpu, decision.Location);
        Assert.Equal("pin-at-preferred", decision.Reason.Rule);
    }

    [Fact]
    public void OverAFastLinkThePagePinsWithADeviceAtOnce()
    {
        AgentTopology topology = new(1);
        topology.Link(Agents.Cpu, 1, isFast: true);
        UvmThrash policy = AsCoded.Make();
        Fight(policy, 6);
        ThrashQuery query = Query(topology, 1, 700_000);
        query.Resident = Agents.Cpu;
        ThrashDecision decision = policy.Judge(query);

        Assert.Equal("pin-fast-device", decision.Reason.Rule);
        Assert.Equal(1, decision.Location);
    }

    [Fact]
    public void APageThatIsPinnedAndLosesRightsIsThrottledOnlyForOthers()
    {
        UvmThrash policy = AsCoded.Make();
        AgentTopology topology = new(1);
        long time = new PageFight(policy).Run(100_000).PinnedAt;
        for (int i = 0; i < 4; i++)
        {
            policy.Note(Event(ResidencyChange.Revocation, MoveCause.Atomic, 0, i % 2, time += 1000));
        }

        List<ThrashVerdict> verdicts = [policy.Judge(Query(topology, 1, time += 1000)).Verdict, policy.Judge(Query(topology, 0, time += 1000)).Verdict];

        Assert.Contains(ThrashVerdict.Throttle, verdicts);
    }

    private static void Fight(UvmThrash policy, int turns, long start = 0)
    {
        for (int turn = 1; turn <= turns; turn++)
        {
            policy.Note(Event(ResidencyChange.Migration, MoveCause.DeviceFault, (turn + 1) % 2, turn % 2, start + (turn * 100_000)));
        }
    }

    private static ResidencyEvent Event(ResidencyChange change, MoveCause cause, int from, int to, long time) => new()
    {
        Change = change,
        Cause = cause,
        Pages = PageMask.Range(0, 1),
        From = from,
        To = to,
        Time = time,
    };

    private static ThrashQuery Query(AgentTopology topology, int requester, long time) => new()
    {
        Requester = requester,
        Kind = AccessKind.Write,
        Resident = 1 - requester,
        PreferredLocation = Agents.None,
        Topology = topology,
        Time = time,
    };
}
