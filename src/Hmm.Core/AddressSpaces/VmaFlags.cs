using System;

namespace Hmm.Core.AddressSpaces;

/// <summary>Attributes of a mapping. The values are those of Linux's VM_ constants.</summary>
[Flags]
public enum VmaFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>May be read. HMM looks at this bit, not at what the CPU could do.</summary>
    Read = 0x1,

    /// <summary>May be written.</summary>
    Write = 0x2,

    /// <summary>May be executed.</summary>
    Execute = 0x4,

    /// <summary>Shared: writes reach the object and everybody who maps it.</summary>
    Shared = 0x8,

    /// <summary>May become readable.</summary>
    MayRead = 0x10,

    /// <summary>May become writable.</summary>
    MayWrite = 0x20,

    /// <summary>May become executable.</summary>
    MayExecute = 0x40,

    /// <summary>May be shared.</summary>
    MayShare = 0x80,

    /// <summary>Raw frame numbers without records; refused by HMM.</summary>
    PfnMap = 0x400,

    /// <summary>Locked in memory.</summary>
    Locked = 0x2000,

    /// <summary>Device registers; refused by HMM.</summary>
    IO = 0x4000,

    /// <summary>Not inherited by children.</summary>
    DontCopy = 0x20000,

    /// <summary>May not grow.</summary>
    DontExpand = 0x40000,

    /// <summary>Counted against what the system promises.</summary>
    Account = 0x100000,

    /// <summary>Children find zeros.</summary>
    WipeOnFork = 0x2000000,

    /// <summary>Holds kernel pages that a driver inserted; mirrored, never migrated.</summary>
    MixedMap = 0x10000000,

    /// <summary>Huge pages are welcome.</summary>
    HugePage = 0x20000000,

    /// <summary>No huge pages.</summary>
    NoHugePage = 0x40000000,

    /// <summary>Equal pages may be merged.</summary>
    Mergeable = 0x80000000,

    /// <summary>The permissions.</summary>
    Access = Read | Write | Execute,

    /// <summary>Mappings that are not ordinary memory: never merged, locked or migrated.</summary>
    Special = IO | DontExpand | PfnMap | MixedMap,
}
