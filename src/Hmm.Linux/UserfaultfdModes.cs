using System;

namespace Hmm.Linux;

/// <summary>Which faults of a registered range are reported; the kernel's UFFDIO_REGISTER_MODE_ values.</summary>
/// <remarks>Thread-safe: values.</remarks>
[Flags]
public enum UserfaultfdModes : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>UFFDIO_REGISTER_MODE_MISSING: no page; for shared memory: the file has none there.</summary>
    Missing = 1,

    /// <summary>UFFDIO_REGISTER_MODE_WP: a write to a page that was write-protected through the descriptor.</summary>
    WriteProtect = 2,

    /// <summary>UFFDIO_REGISTER_MODE_MINOR: the file has the page, but it is not mapped there.</summary>
    Minor = 4,
}
