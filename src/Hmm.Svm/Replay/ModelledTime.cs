namespace Hmm.Svm.Replay;

/// <summary>Modelled time by part, in nanoseconds. Good for ratios and shapes; not a promise about any device.</summary>
public sealed record ModelledTime
{
    /// <summary>From the first access to the end. Parts can overlap each other, so this is not their sum.</summary>
    public long Total { get; set; }

    /// <summary>Accesses that hit, and what the trace itself says passes between accesses.</summary>
    public long Access { get; set; }

    /// <summary>From a device's fault until it is in the buffer and somebody looks.</summary>
    public long Delivery { get; set; }

    /// <summary>Fixed cost of batches.</summary>
    public long Batch { get; set; }

    /// <summary>Fetching, sorting and looking through faults.</summary>
    public long Parse { get; set; }

    /// <summary>Fixed cost of blocks or windows.</summary>
    public long Block { get; set; }

    /// <summary>Unmapping and mapping pages, CPU and device.</summary>
    public long Map { get; set; }

    /// <summary>Copying.</summary>
    public long Copy { get; set; }

    /// <summary>Fixed cost of evictions.</summary>
    public long Eviction { get; set; }

    /// <summary>Invalidating TLBs.</summary>
    public long TlbInvalidation { get; set; }

    /// <summary>Replays.</summary>
    public long Replay { get; set; }

    /// <summary>CPU faults on pages that live with a device.</summary>
    public long CpuFault { get; set; }

    /// <summary>Accesses that wait because a thrash policy says so, and back-off between attempts.</summary>
    public long Throttled { get; set; }

    /// <summary>Accesses to memory of another agent over the bus.</summary>
    public long Remote { get; set; }
}
