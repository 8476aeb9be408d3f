namespace Hmm.Svm.Policies;

/// <summary>What is evicted as a whole: one allocation of device memory, at most a block of 2 MiB.</summary>
/// <remarks>Times are numbers of a counter that grows with each service step of the device, not nanoseconds: equal inputs give equal orders.</remarks>
public struct ResidentUnit
{
    /// <summary>Which address space.</summary>
    public int Space { get; set; }

    /// <summary>The block: address divided by 2 MiB.</summary>
    public ulong Block { get; set; }

    /// <summary>First page within the block.</summary>
    public ushort FirstPage { get; set; }

    /// <summary>Pages that the allocation spans.</summary>
    public ushort Span { get; set; }

    /// <summary>Pages that live there now.</summary>
    public int Pages { get; set; }

    /// <summary>When it was allocated.</summary>
    public long Allocated { get; set; }

    /// <summary>When pages were put there last.</summary>
    public long Populated { get; set; }

    /// <summary>When the device walked its page table to it last; hits in the TLB are not seen, as in hardware.</summary>
    public long Accessed { get; set; }

    /// <summary>How many such walks there were.</summary>
    public long AccessCount { get; set; }

    /// <summary>Faults that were served from it.</summary>
    public long Faults { get; set; }

    /// <summary>How often the same place was evicted before.</summary>
    public int Evictions { get; set; }

    /// <summary>Modelled time until which it should stay, in nanoseconds; 0 for none. The service sets none: a time slice keeps CPUs away, not evictions.</summary>
    public long ProtectedUntil { get; set; }

    /// <summary>Whether the program said that it does not need the contents any more. The service is never told: what is freed leaves at once.</summary>
    public bool IsDiscarded { get; set; }

    /// <summary>Whether it must not be chosen: pinned, or part of what is being served.</summary>
    public bool IsPinned { get; set; }
}
