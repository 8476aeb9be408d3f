using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies;

/// <summary>A fault on one page, as a thrash policy sees it.</summary>
public struct ThrashQuery
{
    /// <summary>Which address space.</summary>
    public int Space { get; set; }

    /// <summary>The block: address divided by 2 MiB.</summary>
    public ulong Block { get; set; }

    /// <summary>The page within the block, 0 to 511.</summary>
    public int Page { get; set; }

    /// <summary>Who faulted.</summary>
    public int Requester { get; set; }

    /// <summary>What it wants.</summary>
    public AccessKind Kind { get; set; }

    /// <summary>Where the page lives, or <see cref="Agents.None"/>.</summary>
    public int Resident { get; set; }

    /// <summary>Where the program wants it, or <see cref="Agents.None"/>.</summary>
    public int PreferredLocation { get; set; }

    /// <summary>Who reaches whose memory.</summary>
    public AgentTopology Topology { get; set; }

    /// <summary>Modelled time in nanoseconds.</summary>
    public long Time { get; set; }
}
