using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Placement;

/// <summary>NVIDIA UVM's choice of residency: a list of rules, of which the first that matches decides.</summary>
/// <remarks>
/// The rules, in order, are the names that decisions carry; docs/policies.md has them as a table. An agent without memory gives its pages to system
/// memory. Thread-safe: immutable. Allocates nothing. Settings: <c>force-system</c> (0), <c>remote-atomics</c> (0: an atomic fault moves the page even where
/// atomics work from afar), <c>hmm</c> (1: a CPU fault always brings the page home, before pins are looked at).
/// </remarks>
public sealed class FirstMatchPlacement : IPlacementPolicy
{
    private readonly bool _forcesSystem;
    private readonly bool _keepsRemoteAtomics;
    private readonly bool _isHmm;

    /// <summary>Makes one.</summary>
    /// <param name="forcesSystem">Whether everything is forced into system memory.</param>
    /// <param name="keepsRemoteAtomics">Whether an atomic fault leaves the page where atomics work from afar.</param>
    /// <param name="isHmm">Whether the memory is ordinary memory of the process (HMM), not memory that the driver manages.</param>
    public FirstMatchPlacement(bool forcesSystem = false, bool keepsRemoteAtomics = false, bool isHmm = true)
    {
        _forcesSystem = forcesSystem;
        _keepsRemoteAtomics = keepsRemoteAtomics;
        _isHmm = isHmm;
    }

    /// <inheritdoc/>
    public PlacementDecision Place(in PlacementQuery query)
    {
        PlacementDecision decision = FirstMatch(query);
        return decision.Location == Agents.None || Reach.HasMemory(query.Topology, decision.Location)
            ? decision
            : new PlacementDecision(Agents.Cpu, new Reason("no-memory", new("wanted", decision.Location), new("requester", query.Requester)));
    }

    private PlacementDecision FirstMatch(in PlacementQuery query)
    {
        int requester = query.Requester;
        int preferred = query.PreferredLocation;
        bool prefersSome = preferred != Agents.None;
        if (_forcesSystem || !query.CanMigrate)
        {
            return To(Agents.Cpu, "forced-system", query);
        }

        // Memory of the process cannot be duplicated for reading; managed memory can.
        if (query.IsReadMostly && !_isHmm)
        {
            return To(requester, query.Kind <= AccessKind.Read ? "read-duplicate" : "read-mostly-write", query);
        }

        if (prefersSome && requester == preferred)
        {
            return To(requester, "requester-is-preferred", query);
        }

        if (_isHmm && requester == Agents.Cpu)
        {
            return To(Agents.Cpu, "cpu-fault", query);
        }

        if (query.PinnedAt != Agents.None)
        {
            return To(query.PinnedAt, "pinned", query);
        }

        bool reachesPreferred = prefersSome && Reach.Can(query.Topology, requester, preferred);
        if (query.Resident == Agents.None)
        {
            return reachesPreferred ? To(preferred, "first-touch-at-preferred", query) : To(requester, "first-touch", query);
        }

        return Resident(query, reachesPreferred);
    }

    private PlacementDecision Resident(in PlacementQuery query, bool reachesPreferred)
    {
        int requester = query.Requester;
        bool reachesHere = Reach.Can(query.Topology, requester, query.Resident);
        if (reachesHere && (query.AccessedBy & (1u << requester)) != 0)
        {
            return To(query.Resident, "accessed-by", query);
        }

        if (_keepsRemoteAtomics && query.Kind == AccessKind.Atomic && Reach.CanFast(query.Topology, requester, query.Resident))
        {
            return To(query.Resident, "remote-atomics", query);
        }

        return reachesPreferred
            ? To(query.PreferredLocation, "preferred", query)
            : To(requester, "to-requester", query);
    }

    private static PlacementDecision To(int location, string rule, in PlacementQuery query) =>
        new(location, new Reason(rule, new("requester", query.Requester), new("resident", query.Resident), new("preferred", query.PreferredLocation)));
}
