using System;

namespace Hmm.Core.Faults;

/// <summary>How a page fault ended. The values are those of Linux's VM_FAULT_ constants.</summary>
[Flags]
public enum VmFaultResult
{
    /// <summary>Handled, or to be tried again: look at the entry.</summary>
    None = 0,

    /// <summary>No memory.</summary>
    OutOfMemory = 0x1,

    /// <summary>Nothing can be there, or the data cannot be had.</summary>
    SigBus = 0x2,

    /// <summary>The page's memory has failed.</summary>
    HwPoison = 0x10,

    /// <summary>No mapping, or not allowed.</summary>
    SigSegv = 0x40,

    /// <summary>Inside the engine: try again with small pages.</summary>
    Fallback = 0x800,

    /// <summary>The errors.</summary>
    Error = OutOfMemory | SigBus | HwPoison | SigSegv,
}
