namespace Hmm.Svm.Policies;

/// <summary>What a prefetch policy may look at: one block of 2 MiB in one service call.</summary>
/// <remarks>Page numbers are within the block: 0 to 511.</remarks>
public struct PrefetchQuery
{
    /// <summary>Which address space, by the replayer's numbering from 0.</summary>
    public int Space { get; set; }

    /// <summary>The block: address divided by 2 MiB.</summary>
    public ulong Block { get; set; }

    /// <summary>To whose memory the faulted pages go.</summary>
    public int Destination { get; set; }

    /// <summary>Where the program wants the pages, or <see cref="Traces.Agents.None"/>.</summary>
    public int PreferredLocation { get; set; }

    /// <summary>First page of the region that may be touched, inclusive: the block, cut by the mapping.</summary>
    public int RegionFirst { get; set; }

    /// <summary>End of the region, exclusive; at most 512.</summary>
    public int RegionEnd { get; set; }

    /// <summary>Pages that faulted and go to the destination in this call.</summary>
    public PageMask Faulted { get; set; }

    /// <summary>Pages that live in the destination's memory already.</summary>
    public PageMask Resident { get; set; }

    /// <summary>Pages that live in any memory.</summary>
    public PageMask ResidentAnywhere { get; set; }

    /// <summary>Pages that the thrash policy counts as thrashing.</summary>
    public PageMask Thrashing { get; set; }

    /// <summary>Pages of this block that faulted before this call and since its destination changed last.</summary>
    public int PriorFaults { get; set; }

    /// <summary>Modelled time in nanoseconds.</summary>
    public long Time { get; set; }
}
