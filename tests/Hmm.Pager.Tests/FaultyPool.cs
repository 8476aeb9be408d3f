using System.Collections.Generic;
using Hmm.Linux;
using Hmm.Pager.Devices;

namespace Hmm.Pager.Tests;

/// <summary>A pool that fails where a test wants it to.</summary>
internal sealed unsafe class FaultyPool : IMemoryPool
{
    private readonly RamPool _pool = new();
    private readonly HashSet<ulong> _bad = [];

    /// <summary>Whether it takes nothing more.</summary>
    public bool IsFull { get; set; }

    /// <summary>Makes a page unreadable that holds a value in its first word.</summary>
    public void Break(ulong value)
    {
        for (ulong slot = 0; slot < 1 << 20; slot++)
        {
            if (*(ulong*)_pool.AddressOf(slot) == value)
            {
                lock (_bad)
                {
                    _bad.Add(slot);
                }

                return;
            }
        }

        Assert.Fail("No page of the pool holds the value.");
    }

    public void Repair()
    {
        lock (_bad)
        {
            _bad.Clear();
        }
    }

    public byte* AddressOf(ulong slot) => null;

    public int Write(ulong slot, int pageCount, byte* source) => IsFull ? -Errno.ENOSPC : _pool.Write(slot, pageCount, source);

    public int Read(ulong slot, int pageCount, byte* target)
    {
        lock (_bad)
        {
            for (int i = 0; i < pageCount; i++)
            {
                if (_bad.Contains(slot + (ulong)i))
                {
                    return -Errno.EIO;
                }
            }
        }

        return _pool.Read(slot, pageCount, target);
    }

    public void Discard(ulong slot, int pageCount) => _pool.Discard(slot, pageCount);

    public void Dispose() => _pool.Dispose();
}
