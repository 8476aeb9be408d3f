namespace Hmm.Svm.Policies;

/// <summary>Notices that pages are fought over, and reacts.</summary>
/// <remarks>Called by one thread at a time. Allocates at most when a block is seen for the first time.</remarks>
public interface IThrashPolicy
{
    /// <summary>Hears that pages moved, were evicted, or that rights were lost.</summary>
    /// <param name="change">What happened.</param>
    void Note(in ResidencyEvent change);

    /// <summary>Decides about a fault. Called once a faulted page and service call, before placement.</summary>
    /// <param name="query">The fault.</param>
    /// <returns>The decision.</returns>
    ThrashDecision Judge(in ThrashQuery query);

    /// <summary>Adds the pages of a block that count as thrashing now.</summary>
    /// <param name="space">Which address space.</param>
    /// <param name="block">The block: address divided by 2 MiB.</param>
    /// <param name="pages">Where they are added.</param>
    void AddThrashing(int space, ulong block, ref PageMask pages);

    /// <summary>Hands out a page whose pin has ended, so that the service takes away what maps it from afar; the next access then faults, and is judged anew.</summary>
    /// <param name="time">Modelled time in nanoseconds.</param>
    /// <param name="space">Its address space.</param>
    /// <param name="block">Its block.</param>
    /// <param name="page">The page within the block.</param>
    /// <returns>Whether there was one; ask again until there is none.</returns>
    bool TryUnpin(long time, out int space, out ulong block, out int page)
    {
        space = 0;
        block = 0;
        page = 0;
        return false;
    }
}
