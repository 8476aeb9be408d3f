using System;

namespace Hmm.Core.Faults;

/// <summary>What a page fault is for. The values are those of Linux's FAULT_FLAG_ constants.</summary>
[Flags]
internal enum FaultFlags
{
    None = 0,
    Write = 0x1,

    /// <summary>Somebody other than the process itself: a device, a pin.</summary>
    Remote = 0x80,

    /// <summary>A read-only pin wants an anonymous page of its own.</summary>
    Unshare = 0x400,
}
