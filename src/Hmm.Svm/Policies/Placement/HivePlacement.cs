using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Placement;

/// <summary>AMD KFD's choice: the preferred location if it is here, in system memory or in the same hive; else what the access advice says.</summary>
/// <remarks>
/// A hive is a set of devices that reach each other's memory. A fault whose place refuses the memory falls back to system memory in the service. The
/// driver knows no pins; one that a thrash policy set here is kept. Thread-safe:
/// immutable. Allocates nothing. Setting: <c>default-access</c> (1: devices that no advice names may use the memory and get it; 0: they are refused).
/// </remarks>
public sealed class HivePlacement : IPlacementPolicy
{
    private readonly bool _hasDefaultAccess;

    /// <summary>Makes one.</summary>
    /// <param name="hasDefaultAccess">Whether devices that no advice names have access.</param>
    public HivePlacement(bool hasDefaultAccess = true) => _hasDefaultAccess = hasDefaultAccess;

    /// <inheritdoc/>
    public PlacementDecision Place(in PlacementQuery query)
    {
        int requester = query.Requester;
        int preferred = query.PreferredLocation;
        if (requester == Agents.Cpu)
        {
            return To(Agents.Cpu, "cpu-fault", query);
        }

        if (!query.CanMigrate)
        {
            return To(Agents.Cpu, "cannot-move", query);
        }

        if (query.PinnedAt != Agents.None)
        {
            return To(query.PinnedAt, "pinned", query);
        }

        if (preferred == requester || preferred == Agents.Cpu)
        {
            return To(preferred, "preferred", query);
        }

        if (preferred != Agents.None && Reach.Can(query.Topology, requester, preferred))
        {
            return To(preferred, "preferred-in-hive", query);
        }

        if ((query.AccessedBy & (1u << requester)) != 0)
        {
            bool isNear = query.Resident != Agents.None && Reach.Can(query.Topology, requester, query.Resident);
            return isNear ? To(query.Resident, "access-in-place", query) : To(Agents.Cpu, "in-place-out-of-reach", query);
        }

        return _hasDefaultAccess ? To(requester, "access", query) : To(Agents.None, "no-access", query);
    }

    private static PlacementDecision To(int location, string rule, in PlacementQuery query) =>
        new(location, new Reason(rule, new("requester", query.Requester), new("resident", query.Resident), new("preferred", query.PreferredLocation)));
}
