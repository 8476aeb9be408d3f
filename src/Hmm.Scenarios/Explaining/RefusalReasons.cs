using Hmm.Core.DeviceMemory;
using Hmm.Core.Migration;

namespace Hmm.Scenarios.Explaining;

/// <summary>Why something was refused, in words that end a sentence.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public static class RefusalReasons
{
    /// <summary>Why a page did not move.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>For instance "pinned for long; a device may be writing to its frame".</returns>
    public static string Of(MigrateRefusal reason) => reason switch
    {
        MigrateRefusal.None => "not refused",
        MigrateRefusal.HoleInFile => "nothing there, and only anonymous memory may be populated in the device",
        MigrateRefusal.NotSelected => "not in the memory that pages were asked from",
        MigrateRefusal.OtherOwner => "in the memory of another device",
        MigrateRefusal.Swapped => "in swap; nothing faults it in for a migration",
        MigrateRefusal.UnderMigration => "being migrated already",
        MigrateRefusal.DeviceExclusive => "a device has exclusive access to it",
        MigrateRefusal.Poisoned => "its memory has failed",
        MigrateRefusal.NoNormalPage => "no ordinary page but a driver's, or the kernel's own",
        MigrateRefusal.PartOfHugePage => "part of a huge page that is mapped by small entries",
        MigrateRefusal.CannotSplit => "the huge page cannot be split, since somebody holds a reference on it",
        MigrateRefusal.Locked => "locked by somebody else, and a migration does not wait",
        MigrateRefusal.Pinned => "pinned for long; a device may be writing to its frame",
        MigrateRefusal.NotIsolated => "reclaim holds it",
        MigrateRefusal.ExtraReference => "somebody holds a reference on its frame, a pin for instance",
        MigrateRefusal.StillMapped => "still mapped somewhere",
        MigrateRefusal.FilePage => "a file's page cannot live in a device's private memory",
        MigrateRefusal.SwapSlotShared => "another process still needs its slot in swap",
        MigrateRefusal.NoTarget => "the driver had no page to move it to",
        MigrateRefusal.HoleChanged => "the hole was filled meanwhile, or cannot be populated",
        _ => reason.ToString(),
    };

    /// <summary>Why a device did not get exclusive access to a page.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>For instance "part of a huge page, and not its first".</returns>
    public static string Of(ExclusiveRefusal reason) => reason switch
    {
        ExclusiveRefusal.None => "not refused",
        ExclusiveRefusal.CannotFaultIn => "cannot be faulted in for writing",
        ExclusiveRefusal.PartOfHugePage => "part of a huge page, and not its first",
        ExclusiveRefusal.Locked => "locked; another page of the same request may hold it",
        ExclusiveRefusal.FilePage => "a file's or a driver's page; only anonymous memory can be held exclusively",
        ExclusiveRefusal.StillMapped => "some entry could not be taken, or was read-only by then",
        _ => reason.ToString(),
    };
}
