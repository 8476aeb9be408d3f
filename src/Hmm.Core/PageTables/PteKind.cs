namespace Hmm.Core.PageTables;

/// <summary>What a leaf entry is. Swap types have Linux's numbers (five type bits).</summary>
public enum PteKind
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A frame that the CPU reaches, or that it would reach if the mapping allowed it.</summary>
    Present = 1,

    /// <summary>A shared zero page, small or huge.</summary>
    ZeroPage = 2,

    /// <summary>In swap.</summary>
    Swap = 3,

    /// <summary>The frame's memory has failed.</summary>
    HwPoison = 23,

    /// <summary>Being migrated; was readable and shared.</summary>
    MigrationRead = 24,

    /// <summary>Being migrated; was readable and this process's own.</summary>
    MigrationReadExclusive = 25,

    /// <summary>Being migrated; was writable.</summary>
    MigrationWrite = 26,

    /// <summary>In a device's private memory, writable.</summary>
    DeviceWrite = 27,

    /// <summary>In a device's private memory, readable.</summary>
    DeviceRead = 28,

    /// <summary>In system memory, reserved for a device's atomic access; was writable.</summary>
    DeviceExclusiveWrite = 29,

    /// <summary>In system memory, reserved for a device's atomic access; was readable.</summary>
    DeviceExclusiveRead = 30,

    /// <summary>A marker without a frame.</summary>
    Marker = 31,
}
