namespace Hmm.Pager.Faults;

/// <summary>What a live space counts. The order is part of the C interface.</summary>
internal enum Counter
{
    /// <summary>Faults where the file had no page: a first touch, or a page in a device's memory.</summary>
    MissingFaults,

    /// <summary>Faults where the page was in RAM and the view had forgotten it.</summary>
    MinorFaults,

    /// <summary>Faults of writes to pages that were shown read-only.</summary>
    WriteProtectFaults,

    /// <summary>Faults whose cause was gone by the time we looked, or that came twice.</summary>
    SpuriousFaults,

    /// <summary>Touches that got SIGSEGV: the mapping does not allow them.</summary>
    SegmentationFaults,

    /// <summary>Touches that got SIGBUS: the page cannot be had.</summary>
    BusErrors,

    /// <summary>Pages that moved from RAM to a device's memory.</summary>
    PagesOut,

    /// <summary>Pages that came back to RAM.</summary>
    PagesIn,

    /// <summary>Bytes written to pools.</summary>
    BytesWritten,

    /// <summary>Bytes read from pools.</summary>
    BytesRead,

    /// <summary>Pages that the RAM limit evicted.</summary>
    Evictions,

    /// <summary>Evicted pages whose copy in the pool was still good: nothing was written.</summary>
    CleanDrops,

    /// <summary>Pages that were brought in before they were touched.</summary>
    ReadAheadPages,

    /// <summary>Pages brought in early in windows that the application then ran through.</summary>
    ReadAheadHits,

    /// <summary>Reads and writes of pools that failed.</summary>
    PoolErrors,

    /// <summary>How many counters there are.</summary>
    Count,
}
