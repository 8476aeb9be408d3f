using System;

namespace Hmm.Svm.Policies.Servicing;

/// <summary>Kinds of access that wait for a page, or that a mapping allows.</summary>
[Flags]
public enum AccessSet
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Hints.</summary>
    Prefetch = 1 << Traces.AccessKind.Prefetch,

    /// <summary>Reads.</summary>
    Read = 1 << Traces.AccessKind.Read,

    /// <summary>Writes.</summary>
    Write = 1 << Traces.AccessKind.Write,

    /// <summary>Atomics.</summary>
    Atomic = 1 << Traces.AccessKind.Atomic,

    /// <summary>All of them.</summary>
    All = Prefetch | Read | Write | Atomic,
}
