using System.Threading;
using Hmm.Pager.Devices;

namespace Hmm.Pager.Tests;

/// <summary>A pool whose first read waits until a test lets it go on.</summary>
internal sealed unsafe class SlowPool : IMemoryPool
{
    private readonly RamPool _pool = new();
    private int _reads;

    /// <summary>Set when the first read has begun.</summary>
    public ManualResetEventSlim Begun { get; } = new();

    /// <summary>Lets it go on.</summary>
    public ManualResetEventSlim GoesOn { get; } = new();

    /// <summary>How many reads there were.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public byte* AddressOf(ulong slot) => null;

    public int Write(ulong slot, int pageCount, byte* source) => _pool.Write(slot, pageCount, source);

    public int Read(ulong slot, int pageCount, byte* target)
    {
        if (Interlocked.Increment(ref _reads) == 1)
        {
            Begun.Set();
            GoesOn.Wait();
        }

        return _pool.Read(slot, pageCount, target);
    }

    public void Discard(ulong slot, int pageCount) => _pool.Discard(slot, pageCount);

    public void Dispose()
    {
        _pool.Dispose();
        Begun.Dispose();
        GoesOn.Dispose();
    }
}
