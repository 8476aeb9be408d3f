using System;

namespace Hmm.Core.Migration;

/// <summary>Which pages a migration takes.</summary>
[Flags]
public enum MigrateVmaSelect
{
    /// <summary>Empty slots only.</summary>
    None = 0,

    /// <summary>Pages in system memory.</summary>
    System = 1,

    /// <summary>Pages in private device memory of the migration's owner.</summary>
    DevicePrivate = 2,

    /// <summary>Of the pages in system memory only those that nobody has accessed since their accessed bit was cleared, and no empty slots: what a clock
    /// evicts. Linux has no such choice, since its reclaim does not use this interface.</summary>
    IdleOnly = 4,

    /// <summary>Splits huge pages that small entries map, which Linux leaves where they are: for moves that make room, as reclaim splits them.</summary>
    SplitHuge = 8,
}
