using System;
using System.Threading;

namespace Hmm.Endurance.Tests;

/// <summary>A thread that makes the garbage collector stop everybody, over and over.</summary>
internal sealed class CollectionStorm : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _isOver;
    private object? _garbage;

    public CollectionStorm()
    {
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public int Collections { get; private set; }

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
    }

    private void Run()
    {
        while (!_isOver)
        {
            _garbage = new byte[1000];
            GC.Collect(Collections % 3, GCCollectionMode.Forced, blocking: true);
            Collections++;
        }

        GC.KeepAlive(_garbage);
    }
}
