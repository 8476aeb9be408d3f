using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies.Thrashing;

/// <summary>What our detector knows of a block.</summary>
internal sealed class FightBlock
{
    /// <summary>The table of pages, once two agents have met here or something was pinned.</summary>
    public FightPage[]? Pages;

    /// <summary>Pages that are pinned now.</summary>
    public PageMask Pinned;

    public int LastAgent = Agents.None;

    public long LastArrival;

    /// <summary>The device that it was evicted from last, or none.</summary>
    public int EvictedFrom = Agents.None;

    /// <summary>When that was.</summary>
    public long EvictedAt;

    /// <summary>How many pages the device had evicted by then.</summary>
    public long EvictedPages;

    /// <summary>Evictions after which it was back soon.</summary>
    public int Refaults;

    /// <summary>Time from the eviction to the return, last time.</summary>
    public long Absence;

    /// <summary>Pages evicted between the eviction and the return, last time.</summary>
    public long Distance;

    /// <summary>How often its term of being served from afar has doubled.</summary>
    public int Doublings;

    /// <summary>Until when it is served from where it lives instead of moving.</summary>
    public long AfarUntil;
}
