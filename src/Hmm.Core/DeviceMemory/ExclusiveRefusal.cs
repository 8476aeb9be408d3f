namespace Hmm.Core.DeviceMemory;

/// <summary>Why a device did not get exclusive access to a page.</summary>
public enum ExclusiveRefusal
{
    /// <summary>It was not refused.</summary>
    None = 0,

    /// <summary>The page could not be faulted in for writing.</summary>
    CannotFaultIn,

    /// <summary>Part of a huge page, and not its first.</summary>
    PartOfHugePage,

    /// <summary>The page is locked by somebody else.</summary>
    Locked,

    /// <summary>A page that is not anonymous memory.</summary>
    FilePage,

    /// <summary>Not every entry could be taken, or the page was not writable any more.</summary>
    StillMapped,
}
