namespace Hmm.Scenarios.Explaining;

/// <summary>What stands in a page table at a page.</summary>
public enum EntryKind
{
    /// <summary>No mapping holds the page, or the device knows nothing of it.</summary>
    NotMapped,

    /// <summary>A mapping holds the page, and its entry is empty.</summary>
    Nothing,

    /// <summary>The shared zero page.</summary>
    ZeroPage,

    /// <summary>A frame of system memory.</summary>
    Present,

    /// <summary>In swap; the frame number is the slot's.</summary>
    Swap,

    /// <summary>In a device's private memory.</summary>
    DevicePrivate,

    /// <summary>In system memory, reserved for a device's atomic access.</summary>
    DeviceExclusive,

    /// <summary>Being migrated.</summary>
    Migration,

    /// <summary>The memory has failed.</summary>
    Poison,

    /// <summary>A marker without a frame.</summary>
    Marker,

    /// <summary>In a device's page table: the device reaches the frame.</summary>
    Mirrored,

    /// <summary>In a device's page table: the device holds the frame exclusively.</summary>
    MirroredExclusive,
}
