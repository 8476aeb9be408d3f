namespace Hmm.Core.Mirroring;

/// <summary>Why a page cannot be had as asked.</summary>
public enum PageObstacle : byte
{
    /// <summary>It can.</summary>
    None = 0,

    /// <summary>Nothing is mapped there.</summary>
    Hole,

    /// <summary>The mapping may not be read.</summary>
    NotReadable,

    /// <summary>The mapping may not be written.</summary>
    NotWritable,

    /// <summary>The mapping holds device registers or raw frames.</summary>
    Special,

    /// <summary>The page's memory has failed.</summary>
    Poisoned,

    /// <summary>Nothing is behind the mapping at this place: beyond the end of a file, or a driver's page that was dropped.</summary>
    NothingBehind,

    /// <summary>No frame was left.</summary>
    OutOfMemory,

    /// <summary>The page is in the device's own memory and read-only there; only a CPU write or a trip home makes it writable.</summary>
    ReadOnlyDeviceMemory,

    /// <summary>The page is in the memory of another owner, which does not give it back.</summary>
    HeldByOtherDevice,
}
