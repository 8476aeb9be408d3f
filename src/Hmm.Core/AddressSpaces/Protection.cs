using System;

namespace Hmm.Core.AddressSpaces;

/// <summary>What a mapping allows. The values are those of Linux's PROT_ constants.</summary>
[Flags]
public enum Protection
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Reading.</summary>
    Read = 1,

    /// <summary>Writing.</summary>
    Write = 2,

    /// <summary>Executing.</summary>
    Execute = 4,
}
