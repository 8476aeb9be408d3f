using System;

namespace Hmm.Linux;

/// <summary>Why a thread waits; the kernel's UFFD_PAGEFAULT_FLAG_ values.</summary>
/// <remarks>
/// Thread-safe: values. A missing page has neither <see cref="WriteProtect"/> nor <see cref="Minor"/>; a write-protected page has
/// <see cref="Write"/> and <see cref="WriteProtect"/>.
/// </remarks>
[Flags]
public enum UserfaultfdFaultFlags : ulong
{
    /// <summary>A read of a missing page.</summary>
    None = 0,

    /// <summary>UFFD_PAGEFAULT_FLAG_WRITE: the access is a write.</summary>
    Write = 1,

    /// <summary>UFFD_PAGEFAULT_FLAG_WP: the page is write-protected.</summary>
    WriteProtect = 2,

    /// <summary>UFFD_PAGEFAULT_FLAG_MINOR: the file has the page.</summary>
    Minor = 4,
}
