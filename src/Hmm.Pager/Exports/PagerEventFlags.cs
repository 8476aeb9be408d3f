using System;

namespace Hmm.Pager.Exports;

/// <summary>What else a <see cref="PagerEvent"/> tells. The numbers are part of the C interface.</summary>
/// <remarks>Thread-safe: constants.</remarks>
[Flags]
public enum PagerEventFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A fault or message of a write.</summary>
    Write = 1,

    /// <summary>A fault for a device and not for the CPU.</summary>
    Remote = 2,

    /// <summary>A message that the page is in the memory file, and only the view lacks it.</summary>
    Minor = 4,

    /// <summary>Of a message: the view shows the page without the right to write. Of a call: so are the pages shown from now on.</summary>
    WriteProtect = 8,

    /// <summary>A fault in private anonymous memory.</summary>
    Anonymous = 16,

    /// <summary>A fault in memory of which a write makes a private copy.</summary>
    CopyOnWrite = 32,

    /// <summary>No address is known: the engine was asked by frame.</summary>
    NoAddress = 64,
}
