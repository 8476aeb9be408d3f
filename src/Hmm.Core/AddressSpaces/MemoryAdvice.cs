namespace Hmm.Core.AddressSpaces;

/// <summary>What <c>madvise</c> may be told. The values are those of Linux's MADV_ constants.</summary>
public enum MemoryAdvice
{
    /// <summary>MADV_DONTNEED: drop the pages now.</summary>
    DontNeed = 4,

    /// <summary>MADV_FREE: the system may drop the pages when it wants memory.</summary>
    Free = 8,

    /// <summary>MADV_REMOVE: punch a hole into the object behind a shared mapping.</summary>
    Remove = 9,

    /// <summary>MADV_DONTFORK: a child does not get the mapping.</summary>
    DontFork = 10,

    /// <summary>MADV_MERGEABLE: equal pages may be merged.</summary>
    Mergeable = 12,

    /// <summary>MADV_HUGEPAGE: huge pages are welcome.</summary>
    HugePage = 14,

    /// <summary>MADV_NOHUGEPAGE: no huge pages.</summary>
    NoHugePage = 15,

    /// <summary>MADV_WIPEONFORK: a child finds zeros.</summary>
    WipeOnFork = 18,

    /// <summary>MADV_COLD: the pages are good candidates for reclaim.</summary>
    Cold = 20,

    /// <summary>MADV_PAGEOUT: reclaim the pages now.</summary>
    PageOut = 21,

    /// <summary>MADV_POPULATE_READ: fault the pages in for reading.</summary>
    PopulateRead = 22,

    /// <summary>MADV_POPULATE_WRITE: fault the pages in for writing.</summary>
    PopulateWrite = 23,

    /// <summary>MADV_COLLAPSE: make huge pages of small ones now.</summary>
    Collapse = 25,

    /// <summary>MADV_HWPOISON: pretend that the pages' memory failed.</summary>
    HwPoison = 100,
}
