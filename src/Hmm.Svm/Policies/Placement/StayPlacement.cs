using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Placement;

/// <summary>A device's fault moves nothing: the page stays where it is if the device reaches it there, and is put into system memory if not.</summary>
/// <remarks>Thread-safe: immutable. Allocates nothing. Source: nouveau migrates only when the program asks; a CPU fault brings the page home.</remarks>
public sealed class StayPlacement : IPlacementPolicy
{
    /// <inheritdoc/>
    public PlacementDecision Place(in PlacementQuery query)
    {
        if (query.Requester == Agents.Cpu)
        {
            return new PlacementDecision(Agents.Cpu, new Reason("cpu-fault", new("resident", query.Resident)));
        }

        return query.Resident != Agents.None && Reach.Can(query.Topology, query.Requester, query.Resident)
            ? new PlacementDecision(query.Resident, new Reason("stays", new("resident", query.Resident)))
            : new PlacementDecision(Agents.Cpu, new Reason("to-system", new("resident", query.Resident)));
    }
}
