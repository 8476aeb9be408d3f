using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Placement;

/// <summary>Everything lives in system memory, and devices map it from there. What lives with a device comes back.</summary>
/// <remarks>Thread-safe: immutable. Allocates nothing. Source: RDMA ODP never migrates, and its range faults bring device pages home.</remarks>
public sealed class SystemPlacement : IPlacementPolicy
{
    /// <inheritdoc/>
    public PlacementDecision Place(in PlacementQuery query) => new(Agents.Cpu, new Reason("always-system", new("resident", query.Resident)));
}
