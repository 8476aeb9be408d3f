using Hmm.Svm.Traces;

namespace Hmm.Svm.Policies;

/// <summary>A faulted page that needs a place.</summary>
public struct PlacementQuery
{
    /// <summary>Which address space.</summary>
    public int Space { get; set; }

    /// <summary>The page number: address divided by 4096.</summary>
    public ulong Page { get; set; }

    /// <summary>Who faulted.</summary>
    public int Requester { get; set; }

    /// <summary>The strongest access that waits.</summary>
    public AccessKind Kind { get; set; }

    /// <summary>Where the page lives, or <see cref="Agents.None"/>.</summary>
    public int Resident { get; set; }

    /// <summary>Where the program wants it, or <see cref="Agents.None"/>.</summary>
    public int PreferredLocation { get; set; }

    /// <summary>Who should be able to use it where it is: a mask of agents.</summary>
    public uint AccessedBy { get; set; }

    /// <summary>Where a thrash policy pinned it, or <see cref="Agents.None"/>.</summary>
    public int PinnedAt { get; set; }

    /// <summary>Whether copies for reading are allowed.</summary>
    public bool IsReadMostly { get; set; }

    /// <summary>Whether the page can live in device memory at all: anonymous memory that nothing holds in place.</summary>
    public bool CanMigrate { get; set; }

    /// <summary>Who reaches whose memory.</summary>
    public AgentTopology Topology { get; set; }

    /// <summary>Modelled time in nanoseconds.</summary>
    public long Time { get; set; }
}
