namespace Hmm.Scenarios.Language;

/// <summary>Commands of a device that take a REF and nothing else.</summary>
public enum DeviceVerb
{
    /// <summary>The device reads each page.</summary>
    Read,

    /// <summary>The CPU page table as the mirror sees it.</summary>
    Snapshot,

    /// <summary>System memory to the device's memory.</summary>
    Migrate,

    /// <summary>The device's memory back to system memory.</summary>
    Evict,

    /// <summary>Exclusive access.</summary>
    Exclusive,

    /// <summary>Is a page held exclusively?</summary>
    Check,
}
