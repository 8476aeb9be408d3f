namespace Hmm.Svm.Devices;

/// <summary>What became of a device's access.</summary>
public enum AccessOutcome
{
    /// <summary>Done: the page was in the page table with the rights that it takes.</summary>
    Done,

    /// <summary>It waits, and its fault is in the buffer or was lost to an overflow.</summary>
    Stalled,

    /// <summary>It was a prefetch that missed: its fault is reported, and nobody waits.</summary>
    Forgotten,

    /// <summary>As many accesses wait as the device can hold: nothing happened.</summary>
    Full,
}
