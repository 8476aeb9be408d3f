using System;

namespace Hmm.Svm.Policies;

/// <summary>A device needs room.</summary>
public readonly ref struct EvictionQuery
{
    /// <summary>The device's agent number.</summary>
    public int Device { get; init; }

    /// <summary>Pages wanted.</summary>
    public int PagesWanted { get; init; }

    /// <summary>For which address space.</summary>
    public int Space { get; init; }

    /// <summary>For which block.</summary>
    public ulong Block { get; init; }

    /// <summary>All that lives in the device's memory, in no order.</summary>
    public ReadOnlySpan<ResidentUnit> Units { get; init; }

    /// <summary>Modelled time in nanoseconds.</summary>
    public long Time { get; init; }
}
