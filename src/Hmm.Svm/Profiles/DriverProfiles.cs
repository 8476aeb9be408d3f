using System;
using System.Collections.Generic;

namespace Hmm.Svm.Profiles;

/// <summary>The drivers that come with the product.</summary>
/// <remarks>Thread-safe: constants only.</remarks>
public static class DriverProfiles
{
    private const ulong MiB = 1UL << 20;
    private const int BlockPages = 512;

    /// <summary>nouveau from 2019 to July 2020: windows of 16 pages with a request for each, gaps mapped if present.</summary>
    public static DriverProfile NouveauWindow { get; } = new()
    {
        Name = "nouveau-window",
        Summary = "nouveau before July 2020: windows of 16 pages, gaps, each fault cancelled by itself; never migrates by itself",
        Window = ServiceWindow.Gaps,
        WindowPages = 16,
        Notifier = NotifierLife.Fault,
        Placement = "stay",
        Source = "nouveau_svm.c before the patch \"fault one page at a time\": a window of 16 pages, the whole ring a batch, one replay at the end.",
    };

    /// <summary>nouveau since July 2020: one page at a time.</summary>
    public static DriverProfile NouveauPage { get; } = new()
    {
        Name = "nouveau-page",
        Summary = "nouveau since July 2020: one page at a time, large where the CPU maps large, atomics by exclusive access; never migrates by itself",
        Window = ServiceWindow.Page,
        Notifier = NotifierLife.Fault,
        MaxLeafOrder = 9,
        Cancel = CancelScope.Group,
        Atomics = AtomicMethod.DeviceExclusive,
        Placement = "stay",
        Source = "nouveau_svm.c of Linux 6.12: one page with default flags, duplicates skipped, the group cancelled.",
    };

    /// <summary>NVIDIA UVM.</summary>
    public static DriverProfile Uvm { get; } = new()
    {
        Name = "uvm",
        Summary = "NVIDIA UVM: batches of 256 by blocks of 2 MiB, density prefetch, thrashing control, eviction by 2 MiB",
        Window = ServiceWindow.Block,
        Notifier = NotifierLife.Piece,
        NotifierBytes = 2 * MiB,
        MigratesOnFault = true,
        Evicts = true,
        CpuFaultPages = 0,
        MaxLeafOrder = 9,
        Cancel = CancelScope.Access,
        CoalescesAtFetch = true,
        PrefetchOffNs = 1_000_000_000,
        Prefetch = "density",
        Thrash = "uvm",
        Eviction = "lru-populated",
        Placement = "uvm",
        Batch = "uvm",
        Replay = "batch-flush",
        Source = "UVM 595.45.04: 256 faults a batch, 20 batches, replay policy 2, blocks of 2 MiB with the leaves of managed memory.",
    };

    /// <summary>Xe on drm_gpusvm.</summary>
    public static DriverProfile GpuSvm { get; } = new()
    {
        Name = "gpusvm",
        Summary = "Xe on drm_gpusvm: chunks of 2 MiB, 64 KiB or 4 KiB, all or nothing, acknowledged one by one",
        Window = ServiceWindow.Chunk,
        ChunkPages = [512, 16, 1],
        Notifier = NotifierLife.Piece,
        NotifierBytes = 512 * MiB,
        MigratesOnFault = true,
        IsAllOrNothing = true,
        MigrationAttempts = 3,
        CpuFaultPages = BlockPages,
        Evicts = true,
        MaxLeafOrder = 9,
        Reply = ReplyModel.Acknowledge,
        Atomics = AtomicMethod.Migrate,
        Prefetch = "granule",
        Thrash = "timeslice:atomics-only=1",
        Placement = "xe",
        Batch = "xe",
        Retry = "xe",
        Source = "drm_gpusvm and xe_svm of 2025: notifiers of 512 MiB, the largest chunk that fits, 5 ms timeslice for atomics, 3 attempts for atomics, else 1.",
    };

    /// <summary>AMD KFD with XNACK on.</summary>
    public static DriverProfile Kfd { get; } = new()
    {
        Name = "kfd",
        Summary = "AMD KFD with XNACK: a granule of 2 MiB a fault, a fault filter, whole ranges evicted, system memory when the device is full",
        Window = ServiceWindow.Granule,
        WindowPages = BlockPages,
        Notifier = NotifierLife.Piece,
        NotifierBytes = 1024 * MiB,
        MigratesOnFault = true,
        CpuFaultPages = BlockPages,
        Evicts = true,
        MaxLeafOrder = 9,
        Reply = ReplyModel.DeviceRetries,
        FilterEntries = 256,
        FilterNs = 50_000,
        RecentlyServedNs = 2_000_000,
        Prefetch = "granule",
        Eviction = "range:device-pages={device-pages}",
        Placement = "kfd",
        Batch = "one",
        Source = "kfd_svm.c of Linux 6.12: granularity 9, filter of 256 entries for 5000 ticks (taken as 10 ns each), no look at a granule within 2 ms, ranges of VRAM >> 17 pages.",
    };

    /// <summary>RDMA on-demand paging.</summary>
    public static DriverProfile Odp { get; } = new()
    {
        Name = "odp",
        Summary = "RDMA on-demand paging, implicit region: the page of the request and 4 MiB ahead, always in system memory",
        Window = ServiceWindow.Region,
        WindowPages = 2 * BlockPages,
        Notifier = NotifierLife.Piece,
        NotifierBytes = 1024 * MiB,
        AsksForWriting = true,
        Reply = ReplyModel.Acknowledge,
        Prefetch = "next:pages=1023",
        Placement = "system",
        Batch = "one",
        Source = "umem_odp.c and mlx5/odp.c of Linux 6.12: implicit regions of 1 GiB, all of a region's rights asked for, the rest of a request read ahead up to 4 MiB; --policy prefetch=none serves exactly what is asked for.",
    };

    /// <summary>RDMA on-demand paging of an explicit region.</summary>
    public static DriverProfile OdpExplicit { get; } = Odp with
    {
        Name = "odp-explicit",
        Summary = "RDMA on-demand paging, registered region: the same under one notifier",
        Notifier = NotifierLife.Space,
        Source = "umem_odp.c and mlx5/odp.c of Linux 6.12: one notifier for the region, one entry a page, the rest of a request read ahead up to 4 MiB.",
    };

    /// <summary>All of them, in the order of lists.</summary>
    public static IReadOnlyList<DriverProfile> All { get; } = [NouveauWindow, NouveauPage, Uvm, GpuSvm, Kfd, Odp, OdpExplicit];

    /// <summary>Finds a profile.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The profile.</returns>
    /// <exception cref="FormatException">None has that name; the message is a sentence for the user.</exception>
    public static DriverProfile Find(string name)
    {
        List<string> names = [];
        foreach (DriverProfile profile in All)
        {
            if (profile.Name == name)
            {
                return profile;
            }

            names.Add(profile.Name);
        }

        throw new FormatException($"No driver profile is called '{name}'; there are: {string.Join(", ", names)}.");
    }
}
