using System;

namespace Hmm.Linux;

/// <summary>How a page is put in its place; the kernel's UFFDIO_COPY_MODE_ and UFFDIO_CONTINUE_MODE_ values.</summary>
/// <remarks>Thread-safe: values.</remarks>
[Flags]
public enum UserfaultfdFillModes : ulong
{
    /// <summary>Writable if the mapping is; all threads that wait for the range are woken.</summary>
    None = 0,

    /// <summary>DONTWAKE: the caller wakes later, once for many pages.</summary>
    DontWake = 1,

    /// <summary>WP: write-protected from the start (COPY; CONTINUE since 6.4; not ZEROPAGE and POISON). The range must be registered for it.</summary>
    WriteProtect = 2,
}
