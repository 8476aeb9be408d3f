using System;

namespace Hmm.Core.AddressSpaces;

/// <summary>How <see cref="UserPages"/> takes a page: the kernel's FOLL_ flags that matter here.</summary>
[Flags]
internal enum GetPageFlags
{
    None = 0,

    /// <summary>For writing; breaks copy-on-write.</summary>
    Write = 1,

    /// <summary>A long-term pin: a private page must be the process's own, also for reading.</summary>
    Pin = 2,

    /// <summary>Split huge entries.</summary>
    SplitHuge = 4,

    /// <summary>Any permission will do, as for locking memory.</summary>
    Force = 8,

    /// <summary>Report poison as such and not as a bad address.</summary>
    ReportPoison = 16,
}
