namespace Hmm.Svm.Policies;

/// <summary>Chooses what leaves a device's memory when room is needed.</summary>
/// <remarks>Called by one thread at a time. Must not allocate. A choice that is pinned or out of range is refused: the least recently populated unit goes instead.</remarks>
public interface IEvictionPolicy
{
    /// <summary>Whether <see cref="ResidentUnit.Accessed"/> and <see cref="ResidentUnit.AccessCount"/> matter; filling them in takes a look at every unit. Read at each choice.</summary>
    bool UsesAccesses => true;

    /// <summary>Chooses.</summary>
    /// <param name="query">What lives there.</param>
    /// <returns>The choice.</returns>
    EvictionDecision Choose(in EvictionQuery query);
}
