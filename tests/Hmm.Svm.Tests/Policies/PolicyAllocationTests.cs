using System;
using Hmm.Svm.Policies;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Policies;

/// <summary>Decisions are made for each fault, so making one costs no managed memory.</summary>
public class PolicyAllocationTests
{
    private readonly AgentTopology _topology = new(1);
    private readonly ResidentUnit[] _units = new ResidentUnit[64];
    private readonly PolicyCatalog _catalog = BuiltInPolicies.CreateCatalog();

    [Fact]
    public void NoPolicyAllocatesOnceItKnowsItsBlocks()
    {
        for (int i = 0; i < _units.Length; i++)
        {
            _units[i] = new ResidentUnit { Block = (ulong)i, Pages = 512, Span = 512, Allocated = i, Populated = i, Accessed = i * 7 % 64 };
        }

        foreach (PolicyEntry entry in _catalog.Entries)
        {
            object policy = entry.Make(new PolicySettings());
            for (int i = 0; i < 300; i++)
            {
                Decide(policy, i);
            }

            // What the runtime allocates once, for code that it has not seen before, is not the policy's.
            long allocated = 1;
            for (int round = 0, turn = 300; round < 5 && allocated > 0; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int end = turn + 2000; turn < end; turn++)
                {
                    Decide(policy, turn);
                }

                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Assert.True(allocated == 0, $"{entry.Name} allocates.");
        }
    }

    private void Decide(object policy, int turn)
    {
        long time = turn * 50_000L;
        switch (policy)
        {
            case IPrefetchPolicy prefetch:
                PrefetchQuery query = new() { Destination = 1, PreferredLocation = Agents.None, RegionEnd = 512, Faulted = PageMask.Range(turn % 512, 1) };
                PageMask pages = default;
                prefetch.Choose(query, ref pages);
                break;
            case IThrashPolicy thrash:
                Fight(thrash, turn, time);
                break;
            case IEvictionPolicy eviction:
                eviction.Choose(new EvictionQuery { Device = 1, Units = _units, PagesWanted = 512, Time = time });
                break;
            case IPlacementPolicy placement:
                placement.Place(new PlacementQuery { Requester = 1, Resident = Agents.Cpu, PreferredLocation = Agents.None, PinnedAt = Agents.None, CanMigrate = true, Topology = _topology });
                break;
            case IBatchPolicy batch:
                batch.Next(new BatchQuery { Pending = turn });
                break;
            case IReplayPolicy replay:
                replay.Decide(new ReplayQuery { Moment = ReplayMoment.AfterBatch, BatchEntries = 256, Duplicates = turn % 256 });
                break;
            case IRetryBudget budget:
                budget.Decide(new RetryQuery { Attempts = turn });
                break;
            default:
                throw new InvalidOperationException($"Nobody asks {policy.GetType().Name}.");
        }
    }

    private void Fight(IThrashPolicy thrash, int turn, long time)
    {
        int requester = turn & 1;
        ThrashDecision decision = thrash.Judge(new ThrashQuery
        {
            Requester = requester,
            Resident = 1 - requester,
            PreferredLocation = Agents.None,
            Topology = _topology,
            Time = time,
        });
        if (decision.Verdict == ThrashVerdict.None)
        {
            thrash.Note(new ResidencyEvent { Cause = MoveCause.DeviceFault, Pages = PageMask.Range(0, 1), From = 1 - requester, To = requester, Time = time });
        }

        PageMask thrashing = default;
        thrash.AddThrashing(0, 0, ref thrashing);
        thrash.TryUnpin(time, out _, out _, out _);
    }
}
