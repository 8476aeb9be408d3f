namespace Hmm.Svm.Policies;

/// <summary>Decides where a faulted page shall live.</summary>
/// <remarks>Called by one thread at a time. Must not allocate. A device that is full or a page that cannot move makes the service use system memory instead.</remarks>
public interface IPlacementPolicy
{
    /// <summary>Decides.</summary>
    /// <param name="query">The page.</param>
    /// <returns>The decision.</returns>
    PlacementDecision Place(in PlacementQuery query);
}
