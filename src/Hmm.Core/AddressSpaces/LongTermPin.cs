using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Frames;

namespace Hmm.Core.AddressSpaces;

/// <summary>Pages pinned for long, as RDMA pins them: they cannot move, be swapped out or be shared with a child.</summary>
/// <remarks>Thread-safe. Dispose to unpin; harmless a second time, and after the engine was disposed.</remarks>
public sealed unsafe class LongTermPin : IDisposable
{
    private readonly MemorySystem _engine;
    private Pfn[]? _pages;

    internal LongTermPin(MemorySystem engine, Pfn[] pages)
    {
        _engine = engine;
        _pages = pages;
    }

    /// <summary>Ends the pin.</summary>
    public void Dispose()
    {
        Pfn[]? pages = Interlocked.Exchange(ref _pages, null);
        if (pages != null && !_engine.IsDisposed)
        {
            Release(_engine, pages, pages.Length);
        }
    }

    internal static void Release(MemorySystem engine, Pfn[] pages, int count)
    {
        for (int i = 0; i < count; i++)
        {
            PageFrame* head = Folios.Head(engine.Frames.Record(pages[i]));
            if (!head->IsReserved)
            {
                Interlocked.Decrement(ref head->PinCount);
                engine.Folios.Put(head);
            }
        }
    }
}
