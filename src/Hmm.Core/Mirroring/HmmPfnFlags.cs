using System;

namespace Hmm.Core.Mirroring;

/// <summary>The bits of a page word, at their positions in Linux 6.12. Request and result bits share positions there.</summary>
[Flags]
public enum HmmPfnFlags : ulong
{
    /// <summary>Nothing there, or nothing asked for.</summary>
    None = 0,

    /// <summary>Result: readable at least.</summary>
    Valid = 1UL << 63,

    /// <summary>Result: writable.</summary>
    Write = 1UL << 62,

    /// <summary>Result: can never be accessed in this way.</summary>
    Error = 1UL << 61,

#pragma warning disable CA1069 // Request and result bits share positions, as in Linux.
    /// <summary>Request: fault the page in.</summary>
    RequestFault = 1UL << 63,

    /// <summary>Request: writable; without <see cref="RequestFault"/> it asks for nothing.</summary>
    RequestWrite = 1UL << 62,
#pragma warning restore CA1069

    /// <summary>Request: a page in the device's own memory is to come home; without <see cref="RequestFault"/> it asks for nothing. No bit of Linux 6.12:
    /// only formats of 2018 can ask for it, by their flag for device memory.</summary>
    RequestHome = 1UL << 0,
}
