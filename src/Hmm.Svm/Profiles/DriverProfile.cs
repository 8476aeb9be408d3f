using System.Collections.Generic;

namespace Hmm.Svm.Profiles;

/// <summary>A driver as data: its constants, the policies it uses, and its known defects.</summary>
/// <remarks>Thread-safe: immutable; change one with <c>with</c>. Policies are named as <see cref="Policies.PolicyCatalog.Create{T}"/> takes them.</remarks>
public sealed record DriverProfile
{
    /// <summary>Its name on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>A line for lists.</summary>
    public required string Summary { get; init; }

    /// <summary>How many pages one range fault covers.</summary>
    public ServiceWindow Window { get; init; } = ServiceWindow.Page;

    /// <summary>Pages of the window, for those windows that have a number: gaps, granules, regions.</summary>
    public int WindowPages { get; init; } = 1;

    /// <summary>Sizes of chunks, in pages, largest first; for <see cref="ServiceWindow.Chunk"/>.</summary>
    public int[] ChunkPages { get; init; } = [];

    /// <summary>How long an interval notifier lives.</summary>
    public NotifierLife Notifier { get; init; } = NotifierLife.Space;

    /// <summary>Bytes that a notifier covers, for <see cref="NotifierLife.Piece"/>.</summary>
    public ulong NotifierBytes { get; init; }

    /// <summary>Whether a device fault may move pages to the device.</summary>
    public bool MigratesOnFault { get; init; }

    /// <summary>Whether a migration of a window counts only if every page moves.</summary>
    public bool IsAllOrNothing { get; init; }

    /// <summary>Whether every page of a window is asked for with the right to write wherever the mapping has it, whatever the device wants to do.</summary>
    public bool AsksForWriting { get; init; }

    /// <summary>Attempts of a migration before system memory is used instead.</summary>
    public int MigrationAttempts { get; init; } = 1;

    /// <summary>Pages that come home when a CPU touches one: aligned, at most 512.</summary>
    public int CpuFaultPages { get; init; } = 1;

    /// <summary>Whether a full device memory evicts; otherwise system memory is used.</summary>
    public bool Evicts { get; init; }

    /// <summary>Binary logarithm of the pages of the largest entry that the device's page table gets: 0, 4 or 9.</summary>
    public int MaxLeafOrder { get; init; }

    /// <summary>How the device learns that a fault was served.</summary>
    public ReplyModel Reply { get; init; } = ReplyModel.Replay;

    /// <summary>Whom a fault that cannot be served takes along.</summary>
    public CancelScope Cancel { get; init; } = CancelScope.Fault;

    /// <summary>How the device gets to do atomics on system memory.</summary>
    public AtomicMethod Atomics { get; init; } = AtomicMethod.Hardware;

    /// <summary>Whether duplicates are dropped while the fault buffer is read.</summary>
    public bool CoalescesAtFetch { get; init; }

    /// <summary>Faults that a filter remembers, so that repeated ones are dropped before they are looked at; 0 for no filter.</summary>
    public int FilterEntries { get; init; }

    /// <summary>How long the filter remembers, in nanoseconds.</summary>
    public long FilterNs { get; init; }

    /// <summary>How long a window that was mapped gets no new look, whatever faults in it and on whichever device, in nanoseconds; 0 for always a look.</summary>
    public long RecentlyServedNs { get; init; }

    /// <summary>How long the device's own prefetches stay off after a storm of invalid ones, in nanoseconds. 0: they are never turned off.</summary>
    public long PrefetchOffNs { get; init; }

    /// <summary>Entries of the fault buffer.</summary>
    public int FaultBufferEntries { get; init; } = 4096;

    /// <summary>How often an access may come back unserved before it is cancelled.</summary>
    public int AttemptsMax { get; init; } = 1000;

    /// <summary>The prefetch policy.</summary>
    public string Prefetch { get; init; } = "none";

    /// <summary>The thrash policy.</summary>
    public string Thrash { get; init; } = "none";

    /// <summary>The eviction policy; <c>{device-pages}</c> stands for the pages of a device's memory.</summary>
    public string Eviction { get; init; } = "lru-populated";

    /// <summary>The placement policy.</summary>
    public string Placement { get; init; } = "system";

    /// <summary>The batch policy.</summary>
    public string Batch { get; init; } = "ring";

    /// <summary>The replay policy.</summary>
    public string Replay { get; init; } = "end";

    /// <summary>The retry budget.</summary>
    public string Retry { get; init; } = "attempts:max=1000";

    /// <summary>Its policies by kind, as they are named on a command line.</summary>
    internal IReadOnlyDictionary<string, string> Policies => new Dictionary<string, string>
    {
        ["prefetch"] = Prefetch,
        ["thrash"] = Thrash,
        ["eviction"] = Eviction,
        ["placement"] = Placement,
        ["batch"] = Batch,
        ["replay"] = Replay,
        ["retry"] = Retry,
    };

    /// <summary>Known defects that are switched on.</summary>
    public DriverDefects Defects { get; init; }

    /// <summary>Which constants come from where: a sentence.</summary>
    public string Source { get; init; } = "";
}
