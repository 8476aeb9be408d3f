using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Placement;

/// <summary>A page goes to who touched it last, if it can move.</summary>
/// <remarks>Thread-safe: immutable. Allocates nothing. The plain first-touch-and-follow rule, without advice.</remarks>
public sealed class RequesterPlacement : IPlacementPolicy
{
    /// <inheritdoc/>
    public PlacementDecision Place(in PlacementQuery query)
    {
        if (query.PinnedAt != Agents.None)
        {
            return new PlacementDecision(query.PinnedAt, new Reason("pinned", new("location", query.PinnedAt)));
        }

        bool canGo = query.CanMigrate && Reach.HasMemory(query.Topology, query.Requester);
        return canGo
            ? new PlacementDecision(query.Requester, new Reason("to-requester", new("requester", query.Requester)))
            : new PlacementDecision(Agents.Cpu, new Reason("cannot-move", new("requester", query.Requester)));
    }
}
