using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;

namespace Hmm.Svm.Traces;

/// <summary>Accesses, pulled in order; they need not fit into memory.</summary>
/// <remarks>Not thread-safe: one reader. A source is read once; open another for another run.</remarks>
public interface IAccessSource : IDisposable
{
    /// <summary>The mappings that the accesses are about, where they are known: whole pages, ascending, apart. Empty if they are not: the replayer then maps
    /// what is touched, 2 MiB at a time.</summary>
    IReadOnlyList<VirtualRange> Ranges { get; }

    /// <summary>How many accesses there are, or null if that is not known before the end.</summary>
    long? Count { get; }

    /// <summary>Why the accesses end before the trace says they should: a sentence; null while nothing is wrong.</summary>
    string? Damage { get; }

    /// <summary>Reads the next accesses.</summary>
    /// <param name="buffer">Where they go; not empty.</param>
    /// <param name="count">How many were written, from the first element on; 0 only at the end.</param>
    /// <returns>False at the end, or where the trace is damaged (see <see cref="Damage"/>).</returns>
    bool TryRead(Span<PageAccess> buffer, out int count);
}
