namespace Hmm.Linux;

/// <summary>What madvise(2) is told; the kernel's MADV_ values.</summary>
/// <remarks>Thread-safe: values.</remarks>
public enum MapAdvice
{
    /// <summary>MADV_NORMAL.</summary>
    Normal = 0,

    /// <summary>MADV_DONTNEED: takes the pages out of the mapping; shared memory keeps them in its file.</summary>
    DontNeed = 4,

    /// <summary>MADV_REMOVE: punches the file behind a shared mapping.</summary>
    Remove = 9,

    /// <summary>MADV_DONTFORK: a child does not get the mapping.</summary>
    DontFork = 10,

    /// <summary>MADV_DOFORK: undoes <see cref="DontFork"/>.</summary>
    DoFork = 11,

    /// <summary>MADV_HUGEPAGE: huge pages wanted.</summary>
    HugePage = 14,

    /// <summary>MADV_NOHUGEPAGE: no huge pages.</summary>
    NoHugePage = 15,

    /// <summary>MADV_DONTDUMP: not in core dumps.</summary>
    DontDump = 16,

    /// <summary>MADV_WIPEONFORK: a child sees zeros; anonymous private memory only.</summary>
    WipeOnFork = 18,

    /// <summary>MADV_KEEPONFORK: undoes <see cref="WipeOnFork"/>.</summary>
    KeepOnFork = 19,

    /// <summary>MADV_POPULATE_READ: faults all pages in for reading, and says so if one cannot be (5.14).</summary>
    PopulateRead = 22,

    /// <summary>MADV_POPULATE_WRITE: the same for writing (5.14).</summary>
    PopulateWrite = 23,

    /// <summary>MADV_COLLAPSE: into huge pages, now (6.1).</summary>
    Collapse = 25,
}
