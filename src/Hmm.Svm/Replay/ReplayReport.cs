using System.Collections.Generic;

namespace Hmm.Svm.Replay;

/// <summary>What happened in a run: plain data.</summary>
public sealed record ReplayReport
{
    /// <summary>The trace or workload.</summary>
    public string Input { get; init; } = "";

    /// <summary>The driver profile.</summary>
    public string Profile { get; init; } = "";

    /// <summary>Policies that were named instead of the profile's own: kind and name.</summary>
    public IReadOnlyDictionary<string, string> Policies { get; init; } = new Dictionary<string, string>();

    /// <summary>Memory of each device, in bytes.</summary>
    public ulong DeviceMemoryBytes { get; init; }

    /// <summary>Why the input ended early: a sentence; null if it did not.</summary>
    public string? Damage { get; set; }

    /// <summary>Page accesses replayed: an access of n pages counts n times.</summary>
    public long Accesses { get; set; }

    /// <summary>Page accesses of devices that found their page in the device's page table.</summary>
    public long DeviceHits { get; set; }

    /// <summary>Page accesses of the CPU.</summary>
    public long CpuAccesses { get; set; }

    /// <summary>Pages that were touched at least once.</summary>
    public long PagesTouched { get; set; }

    /// <summary>Faults that devices wrote to their buffers, by type.</summary>
    public FaultCounts DeviceFaults { get; init; } = new();

    /// <summary>CPU faults on pages that live with a device, by type.</summary>
    public FaultCounts CpuFaults { get; init; } = new();

    /// <summary>Batches.</summary>
    public long Batches { get; set; }

    /// <summary>Blocks or windows served.</summary>
    public long Windows { get; set; }

    /// <summary>Faults that another one stood for, or that found their page mapped.</summary>
    public long Duplicates { get; set; }

    /// <summary>Faults that came while the buffer was full, and were lost until the access tried again.</summary>
    public long Overflows { get; set; }

    /// <summary>Entries thrown away before a replay.</summary>
    public long Flushed { get; set; }

    /// <summary>Replays, or acknowledgements of single faults where the device takes those.</summary>
    public long Replays { get; set; }

    /// <summary>Faults cancelled: accesses that can never succeed.</summary>
    public long Cancels { get; set; }

    /// <summary>Prefetches of hardware that were dropped as invalid; they are no errors.</summary>
    public long InvalidPrefetches { get; set; }

    /// <summary>Pages entered in page tables of devices.</summary>
    public long PagesMapped { get; set; }

    /// <summary>Of these, pages in memory of another agent.</summary>
    public long PagesMappedRemote { get; set; }

    /// <summary>Pages brought along without a fault.</summary>
    public long PagesPrefetched { get; set; }

    /// <summary>Pages and bytes moved, each way and why.</summary>
    public IReadOnlyList<MoveCount> Moves { get; set; } = [];

    /// <summary>Evictions of units.</summary>
    public long Evictions { get; set; }

    /// <summary>Faults put off by a thrash policy.</summary>
    public long Throttles { get; set; }

    /// <summary>Pages pinned by a thrash policy.</summary>
    public long Pins { get; set; }

    /// <summary>Range faults begun again because an invalidation overtook them.</summary>
    public long MirrorRetries { get; set; }

    /// <summary>Migrations that were refused, in pages.</summary>
    public long RefusedPages { get; set; }

    /// <summary>Modelled time by part.</summary>
    public ModelledTime Time { get; init; } = new();

    /// <summary>What was measured beside; null if the machine was a simulated one, where there is nothing to measure.</summary>
    public LiveMeasurements? Measured { get; init; }
}
