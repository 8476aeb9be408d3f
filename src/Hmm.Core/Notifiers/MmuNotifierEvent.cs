namespace Hmm.Core.Notifiers;

/// <summary>Why a range of an address space is about to change.</summary>
/// <remarks>
/// Thread-safe: values only. The numbers are Linux's (<c>enum mmu_notifier_event</c>), so that traces compare directly.
/// Faults that only add or widen an entry (first touch, swap-in, reuse for writing) send no event.
/// </remarks>
public enum MmuNotifierEvent
{
    /// <summary>The mapping goes away: munmap, exit, the old place of a move, the out-of-memory reaper.</summary>
    Unmap = 0,

    /// <summary>Entries are taken out or replaced while the mapping stays: discard, copy-on-write, reclaim, a split.</summary>
    Clear = 1,

    /// <summary>The protection of whole mappings changes.</summary>
    ProtectionVma = 2,

    /// <summary>The protection of single entries changes: fork, write-back.</summary>
    ProtectionPage = 3,

    /// <summary>Entries become read-only so that the next write is recorded.</summary>
    SoftDirty = 4,

    /// <summary>The address space ends. Sent once, to every subscription, before its mappings go away.</summary>
    Release = 5,

    /// <summary>Pages are collected for migration. The owner is the one of the device memory that is migrated to or from.</summary>
    Migrate = 6,

    /// <summary>A device gets exclusive access (owner: the caller's) or loses it (owner: null).</summary>
    Exclusive = 7,
}
