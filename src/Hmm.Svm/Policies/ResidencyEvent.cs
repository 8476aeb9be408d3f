namespace Hmm.Svm.Policies;

/// <summary>Pages of one block changed where they live, or who may use them.</summary>
public struct ResidencyEvent
{
    /// <summary>What happened.</summary>
    public ResidencyChange Change { get; set; }

    /// <summary>Why.</summary>
    public MoveCause Cause { get; set; }

    /// <summary>Which address space.</summary>
    public int Space { get; set; }

    /// <summary>The block: address divided by 2 MiB.</summary>
    public ulong Block { get; set; }

    /// <summary>The pages within the block.</summary>
    public PageMask Pages { get; set; }

    /// <summary>Where they lived; <see cref="Traces.Agents.None"/> if nowhere.</summary>
    public int From { get; set; }

    /// <summary>Where they live now; for a revocation, who made it necessary.</summary>
    public int To { get; set; }

    /// <summary>Modelled time in nanoseconds.</summary>
    public long Time { get; set; }
}
