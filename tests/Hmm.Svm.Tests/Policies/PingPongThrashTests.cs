using Hmm.Svm.Policies;
using Hmm.Svm.Policies.Thrashing;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Policies;

/// <summary>Our detector beside UVM's and gpusvm's, on the same accesses.</summary>
public class PingPongThrashTests
{
    [Theory]
    [InlineData(20)]
    [InlineData(499)]
    [InlineData(600)]
    [InlineData(4000)]
    public void AFightIsPinnedAfterFourMigrationsHoweverFast(int periodUs)
    {
        PageFight fight = new PageFight(Ours()).Run(periodUs * 1000);

        Assert.Equal(4, fight.Migrations);
        Assert.Equal(0, fight.Throttles);
        Assert.Equal(Agents.Cpu, fight.PinLocation);
        Assert.Equal("fight", fight.LastRule);
    }

    [Fact]
    public void AFightSlowerThanTheWindowIsNoFight()
    {
        PageFight fight = new PageFight(Ours()).Run(30_000_000, 2_000_000_000);

        Assert.Equal(-1, fight.PinnedAt);
    }

    [Fact]
    public void TheSameFightCostsUvmMoreMigrationsAndGpusvmNeverEndsIt()
    {
        PageFight ours = new PageFight(Ours()).Run(600_000);
        PageFight uvm = new PageFight(UvmThrashSettings.From(new PolicySettings(), true).Make()).Run(600_000);
        PageFight gpusvm = new PageFight(new TimesliceThrash()).Run(600_000);

        Assert.True(ours.PinnedAt > 0 && uvm.PinnedAt < 0 && gpusvm.PinnedAt < 0);
        Assert.Equal(4, ours.Migrations);
        Assert.Equal(333, uvm.Migrations);
        Assert.InRange(gpusvm.Migrations, 10, 100);
    }

    [Fact]
    public void ReadingMoreThanFitsOverAndOverEvictsWithUvmAndGpusvmButNotForLongWithOurs()
    {
        SmallDevice uvm = new(new UvmThrash(new UvmThrashSettings()), 100);
        SmallDevice gpusvm = new(new TimesliceThrash(), 100);
        SmallDevice ours = new(Ours(), 100);
        foreach (SmallDevice device in (SmallDevice[])[uvm, gpusvm, ours])
        {
            device.Read(125, rounds: 3);
            device.ResetCounts();
            device.Read(125, rounds: 3);
        }

        // Nobody but ours sees anything: each access moves a block in and a block out.
        Assert.Equal((375, 375, 0), (uvm.Moves, uvm.Evictions, uvm.Throttles));
        Assert.Equal((375, 375, 0), (gpusvm.Moves, gpusvm.Evictions, gpusvm.Throttles));
        Assert.Equal((0, 0), (ours.Moves, ours.Evictions));
        Assert.Equal(3 * 25, ours.AfarReads);
        Assert.True(ours.Time < uvm.Time);
    }

    [Fact]
    public void ABlockOnceReadAgainAfterAnEvictionStillMoves()
    {
        SmallDevice device = new(Ours(), 100);
        device.Read(150, rounds: 1).Read(50, rounds: 1);

        Assert.Equal(0, device.AfarReads);
    }

    [Fact]
    public void AfterItsTermABlockGetsAnotherChance()
    {
        SmallDevice device = new(Ours(), 100);
        device.Read(125, rounds: 3);
        device.ResetCounts();

        // The program goes on with less than fits: the blocks that were read from afar come home again, one by one.
        device.Read(60, rounds: 2000);
        device.ResetCounts();
        device.Read(60, rounds: 10);

        Assert.Equal((0, 0, 0), (device.Moves, device.Evictions, device.AfarReads));
    }

    [Fact]
    public void AFightThatGoesOnIsPinnedForTwiceAsLong()
    {
        PingPongThrash policy = Ours();
        long first = Length(policy, new PageFight(policy).Run(100_000).PinnedAt);
        Assert.Equal(10_000_000, first);

        long now = 20_000_000;
        for (int turn = 0; turn < 3; turn++)
        {
            policy.Note(Arrival(turn % 2, now += 100_000));
        }

        ThrashDecision again = policy.Judge(Query(1, now += 100_000));
        Assert.Equal(ThrashVerdict.Pin, again.Verdict);
        Assert.Equal(20_000_000, Length(policy, now));
    }

    [Fact]
    public void InsteadOfAPinTheHolderCanBeProtected()
    {
        PingPongThrash policy = new(new PingPongSettings { ProtectsResidence = true });
        PageFight fight = new PageFight(policy).Run(100_000, 1_000_000_000);

        Assert.Equal(-1, fight.PinnedAt);
        Assert.InRange(fight.Migrations, 4, 300);
        Assert.InRange(fight.Throttles, 200, 300);
    }

    [Fact]
    public void ATimesliceKeepsTheCpuWaitingLongerEachTime()
    {
        TimesliceThrash policy = new();
        policy.Note(Arrival(1, 1_000_000));
        Assert.Equal(6_000_000, policy.Judge(Query(0, 2_000_000)).Until);
        policy.Note(Arrival(0, 6_000_000));
        policy.Note(Arrival(1, 7_000_000));
        Assert.Equal(17_000_000, policy.Judge(Query(0, 8_000_000)).Until);
        Assert.Equal(ThrashVerdict.None, policy.Judge(Query(0, 17_000_000)).Verdict);
        policy.Note(Arrival(1, 100_000_000));
        Assert.Equal(105_000_000, policy.Judge(Query(0, 100_000_001)).Until);
    }

    private static PingPongThrash Ours() => PingPongThrash.From(new PolicySettings());

    private static long Length(IThrashPolicy policy, long since)
    {
        long length = 0;
        while (!policy.TryUnpin(since + length, out _, out _, out _))
        {
            length += 100_000;
            Assert.True(length < 1_000_000_000);
        }

        return length;
    }

    private static ResidencyEvent Arrival(int to, long time) => new()
    {
        Change = ResidencyChange.Migration,
        Cause = to == Agents.Cpu ? MoveCause.CpuFault : MoveCause.DeviceFault,
        Pages = PageMask.Range(0, 1),
        From = 1 - to,
        To = to,
        Time = time,
    };

    private static ThrashQuery Query(int requester, long time) => new()
    {
        Requester = requester,
        Resident = 1 - requester,
        PreferredLocation = Agents.None,
        Topology = new AgentTopology(1),
        Time = time,
    };
}
