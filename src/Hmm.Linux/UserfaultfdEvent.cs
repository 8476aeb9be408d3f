namespace Hmm.Linux;

/// <summary>The kind of a message; the kernel's UFFD_EVENT_ values.</summary>
/// <remarks>Thread-safe: values.</remarks>
public enum UserfaultfdEvent : byte
{
    /// <summary>Not a message.</summary>
    None = 0,

    /// <summary>UFFD_EVENT_PAGEFAULT: a thread waits.</summary>
    Pagefault = 0x12,

    /// <summary>UFFD_EVENT_FORK: a child has a copy of the registered memory, and here is its descriptor.</summary>
    Fork = 0x13,

    /// <summary>UFFD_EVENT_REMAP: mremap moved a range.</summary>
    Remap = 0x14,

    /// <summary>UFFD_EVENT_REMOVE: madvise removed pages.</summary>
    Remove = 0x15,

    /// <summary>UFFD_EVENT_UNMAP: munmap removed a range.</summary>
    Unmap = 0x16,
}
