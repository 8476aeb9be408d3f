using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Replay;

/// <summary>Accesses from any sequence.</summary>
internal sealed class ListedAccesses(IEnumerable<PageAccess> accesses, params VirtualRange[] ranges) : IAccessSource
{
    private readonly IEnumerator<PageAccess> _next = accesses.GetEnumerator();

    public IReadOnlyList<VirtualRange> Ranges => ranges;

    public long? Count => null;

    public string? Damage => null;

    public bool TryRead(Span<PageAccess> buffer, out int count)
    {
        count = 0;
        while (count < buffer.Length && _next.MoveNext())
        {
            buffer[count++] = _next.Current;
        }

        return count == buffer.Length;
    }

    public void Dispose() => _next.Dispose();
}
