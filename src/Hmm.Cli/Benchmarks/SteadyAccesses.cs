using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Svm.Traces;

namespace Hmm.Cli.Benchmarks;

/// <summary>Accesses to a row of pages, in order or by chance from a seed, made while they are read.</summary>
internal sealed class SteadyAccesses(int agent, AccessKind kind, int pages, long count, bool isRandom) : IAccessSource
{
    private const ulong First = 1 << 20;
    private long _done;
    private ulong _state = 0x9E3779B97F4A7C15;

    public IReadOnlyList<VirtualRange> Ranges { get; } = [VirtualRange.FromPages(VirtualAddress.FromPage(First), (ulong)pages)];

    public long? Count => count;

    public string? Damage => null;

    public bool TryRead(Span<PageAccess> buffer, out int written)
    {
        written = (int)Math.Min(buffer.Length, count - _done);
        for (int i = 0; i < written; i++)
        {
            ulong page = isRandom ? Next() % (ulong)pages : (ulong)(_done + i) % (ulong)pages;
            buffer[i] = new PageAccess(agent, kind, First + page, 1, 0);
        }

        _done += written;
        return _done < count;
    }

    public void Dispose()
    {
    }

    private ulong Next()
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return _state;
    }
}
