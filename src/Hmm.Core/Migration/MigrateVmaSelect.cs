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
}
