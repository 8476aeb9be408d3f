namespace Hmm.Core.Migration;

/// <summary>Why a page did not move.</summary>
public enum MigrateRefusal
{
    /// <summary>It was not refused.</summary>
    None = 0,

    /// <summary>Nothing there, and the mapping is not anonymous, so nothing may be populated.</summary>
    HoleInFile,

    /// <summary>The page is not of the kind that was selected.</summary>
    NotSelected,

    /// <summary>The page is in the memory of another owner.</summary>
    OtherOwner,

    /// <summary>The page is in swap.</summary>
    Swapped,

    /// <summary>The page is being migrated already.</summary>
    UnderMigration,

    /// <summary>A device has exclusive access to the page.</summary>
    DeviceExclusive,

    /// <summary>The page's memory has failed.</summary>
    Poisoned,

    /// <summary>No ordinary page, or one that belongs to nobody.</summary>
    NoNormalPage,

    /// <summary>Part of a huge page that small entries map.</summary>
    PartOfHugePage,

    /// <summary>A huge page could not be split.</summary>
    CannotSplit,

    /// <summary>The page is locked by somebody else.</summary>
    Locked,

    /// <summary>The page is pinned.</summary>
    Pinned,

    /// <summary>Reclaim holds the page.</summary>
    NotIsolated,

    /// <summary>Somebody holds a reference on the page.</summary>
    ExtraReference,

    /// <summary>The page is still mapped somewhere.</summary>
    StillMapped,

    /// <summary>A file's page cannot live in private device memory.</summary>
    FilePage,

    /// <summary>The page's swap slot is still needed by another process.</summary>
    SwapSlotShared,

    /// <summary>The caller gave no page to move to.</summary>
    NoTarget,

    /// <summary>The hole was filled by somebody else meanwhile, or cannot be populated.</summary>
    HoleChanged,
}
