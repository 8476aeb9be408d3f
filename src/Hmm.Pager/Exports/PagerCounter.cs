namespace Hmm.Pager.Exports;

/// <summary>The numbers that <c>hmm_statistics</c> writes, in their order.</summary>
/// <remarks>Thread-safe: constants. The first ones are counted since the space was made; those from <see cref="ResidentBytes"/> on are of the moment.</remarks>
public enum PagerCounter
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

    /// <summary>Bytes of RAM that pages take, as the kernel counts them.</summary>
    ResidentBytes,

    /// <summary>Frames in use.</summary>
    FramesInUse,

    /// <summary>First address of the page that last raised SIGBUS; 0 if none did.</summary>
    LastBusErrorPage,

    /// <summary>Why, a negative error number; 0 if the engine had no page for it.</summary>
    LastBusErrorCause,

    /// <summary>Why a pool last could not store a page, a negative error number; the page stayed in RAM.</summary>
    LastPoolError,

    /// <summary>How many there are.</summary>
    Count,
}
