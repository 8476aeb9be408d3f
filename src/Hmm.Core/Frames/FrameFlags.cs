using System;

namespace Hmm.Core.Frames;

/// <summary>State bits of a frame. Those marked (page) belong to each 4 KiB page, the others to the folio and live on its head.</summary>
[Flags]
internal enum FrameFlags : uint
{
    None = 0,

    /// <summary>The folio's sleeping lock is held.</summary>
    Locked = 1 << 0,

    /// <summary>Somebody sleeps for the lock.</summary>
    Waiters = 1 << 1,

    /// <summary>The content differs from what its backing holds.</summary>
    Dirty = 1 << 2,

    /// <summary>Anonymous and wanted: it goes to swap. Cleared by MADV_FREE.</summary>
    SwapBacked = 1 << 3,

    /// <summary>In the swap cache; <see cref="PageFrame.Private"/> is the slot.</summary>
    SwapCache = 1 << 4,

    /// <summary>Known to reclaim; what is not cannot be isolated, so neither migrated.</summary>
    Lru = 1 << 5,

    /// <summary>(page) The memory has failed.</summary>
    HwPoison = 1 << 6,

    /// <summary>Anonymous: <see cref="PageFrame.MappingId"/> names an AnonVma.</summary>
    Anon = 1 << 7,

    /// <summary>(page) Belongs to exactly one process: may be made writable without a copy.</summary>
    AnonExclusive = 1 << 8,

    /// <summary>First page of a huge folio.</summary>
    Head = 1 << 9,

    /// <summary>Another page of a huge folio.</summary>
    Tail = 1 << 10,

    /// <summary>A zero page: never counted, never freed.</summary>
    Reserved = 1 << 11,

    /// <summary>Memory that only a device reaches.</summary>
    Device = 1 << 12,

    /// <summary>In the allocator.</summary>
    Free = 1 << 13,

    /// <summary>Nobody's any more, and its bytes are not discarded yet; only frames with fixed places.</summary>
    Returned = 1 << 14,

    /// <summary>(page) Was the first page of a huge folio until a quiet split: to devices it still is.</summary>
    FormerHead = 1 << 15,

    /// <summary>(page) Was another page of a huge folio until a quiet split: to devices it still is.</summary>
    FormerTail = 1 << 16,

    /// <summary>Either mark of a quiet split.</summary>
    Former = FormerHead | FormerTail,
}
