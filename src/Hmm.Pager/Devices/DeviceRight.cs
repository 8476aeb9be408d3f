namespace Hmm.Pager.Devices;

/// <summary>What a device may do with a page; more includes less.</summary>
internal enum DeviceRight
{
    /// <summary>Nothing: the page is not in its page table.</summary>
    None,

    /// <summary>Read it.</summary>
    Read,

    /// <summary>Write it, as CPUs do at the same time.</summary>
    Write,

    /// <summary>Change it with nobody between its reads and its writes: no CPU reaches the page.</summary>
    Atomic,
}
