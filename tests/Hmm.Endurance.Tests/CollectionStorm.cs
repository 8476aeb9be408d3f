using System;
using System.Threading;

namespace Hmm.Endurance.Tests;

/// <summary>A thread that makes the garbage collector stop everybody, over and over.</summary>
/// <remarks>The pauses are as long as a fault or shorter: collections come at every point of one, and the threads that are stopped still get somewhere.</remarks>
internal sealed class CollectionStorm : IDisposable
{
    private const int PauseMax = 4000;

    private readonly Action _afterEach;
    private readonly Thread _thread;
    private volatile bool _isOver;
    private object? _garbage;

    /// <param name="afterEach">Is called after each collection, by the storm's thread.</param>
    public CollectionStorm(Action afterEach)
    {
        _afterEach = afterEach;
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
        Random random = new(1);
        while (!_isOver)
        {
            _garbage = new byte[1000];
            GC.Collect(Collections % 3, GCCollectionMode.Forced, blocking: true);
            Collections++;
            _afterEach();
            Thread.SpinWait(random.Next(PauseMax));
        }

        GC.KeepAlive(_garbage);
    }
}
