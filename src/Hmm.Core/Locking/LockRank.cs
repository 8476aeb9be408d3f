namespace Hmm.Core.Locking;

/// <summary>Where a lock stands in the lock order: who holds one may wait only for locks of higher rank. ARCHITECTURE.md draws it.</summary>
/// <remarks>Taking a lock by trying is always allowed, since it does not wait; what is waited for afterwards must still rank higher.</remarks>
internal enum LockRank
{
    /// <summary>A lock outside of the order.</summary>
    None = 0,

    /// <summary>No lock: waiting for the end of invalidations, to read or to unsubscribe. Nothing may be held.</summary>
    InvalidationEnd,

    /// <summary>The address-space lock.</summary>
    AddressSpace,

    /// <summary>The lock of a folio. Several only by trying.</summary>
    Folio,

    /// <summary>The gate of a file's mappings.</summary>
    FileGate,

    /// <summary>The list of an address space's mappings, while one of them joins a family.</summary>
    MappingFamily,

    /// <summary>The gate of an anonymous family.</summary>
    FamilyGate,

    /// <summary>A driver's own lock, which its invalidation callback takes.</summary>
    Driver,

    /// <summary>A node of the upper levels of a page table.</summary>
    UpperNode,

    /// <summary>A leaf node of a page table. Two only by fork: the child's, then the parent's.</summary>
    LeafNode,

    /// <summary>The swap area.</summary>
    Swap,

    /// <summary>The numbers of reverse-mapping roots.</summary>
    Roots,

    /// <summary>The free frames of system or device memory.</summary>
    Allocator,

    /// <summary>The pool of page-table nodes.</summary>
    NodePool,

    /// <summary>The notifiers of an address space.</summary>
    Notifiers,

    /// <summary>A mirrored range's own lock.</summary>
    MirrorRange,
}
