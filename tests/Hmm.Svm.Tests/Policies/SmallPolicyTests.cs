using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Svm.Policies;
using Hmm.Svm.Policies.Batching;
using Hmm.Svm.Policies.Placement;
using Hmm.Svm.Policies.Prefetching;
using Hmm.Svm.Policies.Replaying;
using Hmm.Svm.Policies.Retrying;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Policies;

public class SmallPolicyTests
{
    private const int Device = 1;
    private const int Other = 2;

    /// <summary>Requester, resident, preferred, accessed-by mask, kind, rule, location: the first rule that matches.</summary>
    public static TheoryData<string, PlacementQuery, string, int> Placements => new()
    {
        { "uvm", Query(), "first-touch", Device },
        { "uvm", Query(canMigrate: false), "forced-system", Agents.Cpu },
        { "uvm", Query(resident: Agents.Cpu), "to-requester", Device },
        { "uvm", Query(requester: Agents.Cpu, resident: Device), "cpu-fault", Agents.Cpu },
        { "uvm", Query(requester: Agents.Cpu, resident: Device, pinned: Device), "cpu-fault", Agents.Cpu },
        { "uvm", Query(resident: Agents.Cpu, pinned: Agents.Cpu), "pinned", Agents.Cpu },
        { "uvm", Query(resident: Agents.Cpu, preferred: Device, pinned: Agents.Cpu), "requester-is-preferred", Device },
        { "uvm", Query(preferred: Agents.Cpu), "first-touch-at-preferred", Agents.Cpu },
        { "uvm", Query(preferred: Other), "first-touch", Device },
        { "uvm", Query(resident: Agents.Cpu, accessedBy: 1u << Device), "accessed-by", Agents.Cpu },
        { "uvm", Query(resident: Other, accessedBy: 1u << Device), "to-requester", Device },
        { "uvm", Query(resident: Other, preferred: Agents.Cpu), "preferred", Agents.Cpu },
        { "uvm:hmm=0", Query(resident: Agents.Cpu, readMostly: true, kind: AccessKind.Read), "read-duplicate", Device },
        { "uvm:hmm=0", Query(requester: Agents.Cpu, resident: Device, pinned: Device), "pinned", Device },
        { "uvm:force-system=1", Query(), "forced-system", Agents.Cpu },
        { "kfd", Query(), "access", Device },
        { "kfd", Query(preferred: Agents.Cpu), "preferred", Agents.Cpu },
        { "kfd", Query(preferred: Other, resident: Agents.Cpu, accessedBy: 1u << Device), "access-in-place", Agents.Cpu },
        { "kfd", Query(resident: Other, accessedBy: 1u << Device), "in-place-out-of-reach", Agents.Cpu },
        { "kfd:default-access=0", Query(), "no-access", Agents.None },
        { "xe", Query(), "default-local", Device },
        { "xe:default=system", Query(), "default-system", Agents.Cpu },
        { "xe:default=system", Query(kind: AccessKind.Atomic), "atomics-need-device-memory", Device },
        { "xe", Query(preferred: Agents.Cpu), "advised", Agents.Cpu },
        { "stay", Query(resident: Device), "stays", Device },
        { "stay", Query(resident: Other), "to-system", Agents.Cpu },
        { "stay", Query(), "to-system", Agents.Cpu },
        { "system", Query(resident: Device), "always-system", Agents.Cpu },
        { "requester", Query(resident: Agents.Cpu), "to-requester", Device },
    };

    [Theory]
    [MemberData(nameof(Placements))]
    public void ThePlaceIsWhatTheFirstMatchingRuleSays(string policy, PlacementQuery query, string rule, int location)
    {
        PlacementDecision decision = BuiltInPolicies.CreateCatalog().Create<IPlacementPolicy>(policy).Place(query);

        Assert.Equal(rule, decision.Reason.Rule);
        Assert.Equal(location, decision.Location);
    }

    [Fact]
    public void APlaceWithoutMemoryGivesItsPagesToTheSystem()
    {
        PlacementQuery query = Query();
        query.Topology.RemoveMemory(Device);

        Assert.Equal("no-memory", new FirstMatchPlacement().Place(query).Reason.Rule);
    }

    [Fact]
    public void AServiceCallOfUvmEndsAfterTwentyBatchesOrFiveThrottledOnes()
    {
        LimitedBatch policy = new();

        Assert.Equal(256, policy.Next(new BatchQuery { Pending = 1000, BatchesDone = 19, ThrottledBatches = 4 }).Limit);
        Assert.Equal("batches-done", policy.Next(new BatchQuery { Pending = 1000, BatchesDone = 20 }).Reason.Rule);
        Assert.Equal("throttled-enough", policy.Next(new BatchQuery { Pending = 1000, ThrottledBatches = 5 }).Reason.Rule);
        Assert.Equal(0, policy.Next(new BatchQuery()).Limit);
        Assert.Equal(1000, new RingBatch().Next(new BatchQuery { Pending = 1000 }).Limit);
        Assert.Equal(0, new LimitedBatch(1, 0, 0, 20_000_000).Next(new BatchQuery { Pending = 1, Elapsed = 20_000_000 }).Limit);
    }

    [Theory]
    [InlineData(ReplayWhen.Block, ReplayAction.Replay, ReplayAction.None, ReplayAction.Replay)]
    [InlineData(ReplayWhen.Batch, ReplayAction.None, ReplayAction.Replay, ReplayAction.Replay)]
    [InlineData(ReplayWhen.BatchFlush, ReplayAction.None, ReplayAction.FlushAndReplay, ReplayAction.Replay)]
    [InlineData(ReplayWhen.Once, ReplayAction.None, ReplayAction.None, ReplayAction.Replay)]
    public void EachWayReplaysAtItsMoment(ReplayWhen when, ReplayAction afterBlock, ReplayAction afterBatch, ReplayAction atEnd)
    {
        FaultReplay policy = new(when);
        ReplayQuery query = new() { BatchEntries = 256, Duplicates = 128, Unreplayed = 10 };
        List<ReplayAction> actions = [];
        foreach (ReplayMoment moment in Enum.GetValues<ReplayMoment>())
        {
            query.Moment = moment;
            actions.Add(policy.Decide(query).Action);
        }

        Assert.Equal([afterBlock, afterBatch, atEnd], actions);
    }

    [Fact]
    public void MoreThanHalfDuplicatesReadThePutAnew()
    {
        ReplayQuery query = new() { Moment = ReplayMoment.AfterBatch, BatchEntries = 256, Duplicates = 129 };

        Assert.Equal(ReplayAction.UpdateFlushAndReplay, new FaultReplay(ReplayWhen.BatchFlush).Decide(query).Action);
    }

    [Fact]
    public void BudgetsEndByCountByTimeByLackOfProgressOrNever()
    {
        RetryQuery query = new() { Attempts = 3, AttemptsWithoutProgress = 3, Elapsed = 1_000_000_000, Kind = AccessKind.Atomic, Cause = RetryCause.MigrationRefused };

        Assert.False(new AttemptsBudget(1, 3).Decide(query).MayRetry);
        Assert.False(new TimeBudget(1_000_000_000).Decide(query).MayRetry);
        Assert.Equal("unbounded", new TimeBudget(1_000_000_000, onlyInvalidated: true).Decide(query).Reason.Rule);
        Assert.Equal("unbounded", new UnboundedBudget().Decide(query).Reason.Rule);
        Assert.Equal(4000, new BackOffBudget().Decide(query).BackOff);
        query.AttemptsWithoutProgress = 60;
        Assert.Equal(10_000_000, new BackOffBudget(100).Decide(query).BackOff);
        query.AttemptsWithoutProgress = 100;
        Assert.False(new BackOffBudget(100).Decide(query).MayRetry);
    }

    [Fact]
    public void OtherPrefetchersBringWhatTheirNamesSay()
    {
        Assert.Equal(512, new PrefetchedBlock(new NoPrefetch()).Touch(Enumerable.Range(0, 512)).Faults);
        Assert.Equal(31, new PrefetchedBlock(new NextPagesPrefetch()).Touch(Enumerable.Range(0, 512)).Faults);
        Assert.Equal(32, new PrefetchedBlock(new GranulePrefetch(16)).Touch(Enumerable.Range(0, 512)).Faults);
        Assert.Equal(1, new PrefetchedBlock(new GranulePrefetch()).Touch([300]).Faults);
        Assert.Equal(512, new PrefetchedBlock(new GranulePrefetch()).Touch([300]).Resident);
        Assert.InRange(new PrefetchedBlock(new RandomPrefetch()).Touch(Enumerable.Range(0, 512)).Faults, 256, 400);
    }

    [Fact]
    public void AStrideIsSeenAfterTwoEqualStepsAndFollowedBehindWhatItBrought()
    {
        PrefetchedBlock block = new PrefetchedBlock(new StridePrefetch(ahead: 4)).Touch(Enumerable.Range(0, 512).Where(page => page % 32 == 0));

        Assert.Equal([1, 1, 5, 5, 4], block.Increments);
        Assert.Equal(16, block.Resident);
    }

    [Fact]
    public void ACatalogSaysWhatIsWrongInASentence()
    {
        PolicyCatalog catalog = BuiltInPolicies.CreateCatalog();

        Assert.Contains("there are: density", Assert.Throws<FormatException>(() => catalog.Create<IPrefetchPolicy>("tree")).Message, StringComparison.Ordinal);
        Assert.Contains("from 0 to 100", Assert.Throws<FormatException>(() => catalog.Create<IPrefetchPolicy>("density:threshold=101")).Message, StringComparison.Ordinal);
        Assert.Contains("no setting 'size'", Assert.Throws<FormatException>(() => catalog.Create<IPrefetchPolicy>("density:size=1")).Message, StringComparison.Ordinal);
        Assert.Contains("1, 2, 4", Assert.Throws<FormatException>(() => catalog.Create<IPrefetchPolicy>("granule:pages=3")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryPolicyOfTheCatalogCanBeMadeByItsName()
    {
        PolicyCatalog catalog = BuiltInPolicies.CreateCatalog();
        Assert.All(catalog.Entries, entry => Assert.NotNull(entry.Make(new PolicySettings())));
        Assert.Equal(38, catalog.Entries.Count());
    }

    private static PlacementQuery Query(
        int requester = Device,
        int resident = Agents.None,
        int preferred = Agents.None,
        uint accessedBy = 0,
        int pinned = Agents.None,
        AccessKind kind = AccessKind.Write,
        bool canMigrate = true,
        bool readMostly = false) => new()
        {
            Requester = requester,
            Resident = resident,
            PreferredLocation = preferred,
            AccessedBy = accessedBy,
            PinnedAt = pinned,
            Kind = kind,
            CanMigrate = canMigrate,
            IsReadMostly = readMostly,
            Topology = new AgentTopology(2),
        };
}
