using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;

namespace Hmm.Simulation.Stress;

/// <summary>Stores of whole pages. Delayed, they reach memory only after everything that the thread stores meanwhile: what a processor with a weaker
/// order than x64 may do where no release orders them.</summary>
internal readonly struct StoreBuffer(MemorySystem memory, bool isDelayed) : IDisposable
{
    private readonly List<(Pfn Page, byte[]? Content)>? _waiting = isDelayed ? [] : null;

    /// <summary>Stores a copy of a page, or zeros if there is none.</summary>
    public void Store(Pfn page, Pfn source)
    {
        if (_waiting != null)
        {
            _waiting.Add((page, source.IsNone ? null : memory.FrameBytes(source).ToArray()));
        }
        else if (source.IsNone)
        {
            memory.FrameBytes(page).Clear();
        }
        else
        {
            memory.FrameBytes(source).CopyTo(memory.FrameBytes(page));
        }
    }

    /// <summary>What waits reaches memory.</summary>
    public void Dispose()
    {
        if (_waiting is not { Count: > 0 })
        {
            return;
        }

        StressPause.Long();
        foreach ((Pfn page, byte[]? content) in _waiting)
        {
            (content ?? new byte[PageConstants.PageSize]).CopyTo(memory.FrameBytes(page));
        }
    }
}
