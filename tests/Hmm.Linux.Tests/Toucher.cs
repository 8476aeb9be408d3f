using System;
using System.Threading;

namespace Hmm.Linux.Tests;

/// <summary>A thread that does one thing, which may make it wait in a page fault.</summary>
internal sealed class Toucher
{
    private readonly Thread _thread;
    private nint _result;
    private Exception? _failure;

    internal Toucher(Func<nint> action)
    {
        _thread = new Thread(() =>
        {
            ThreadId = NativeThread.Id();
            try
            {
                _result = action();
            }
            catch (Exception failure)
            {
                _failure = failure;
            }
        })
        { IsBackground = true };
        _thread.Start();
        Arena.Until(() => ThreadId != 0);
    }

    /// <summary>The kernel's number of the thread.</summary>
    internal int ThreadId { get; private set; }

    /// <summary>Waits for the end and gives what the action gave.</summary>
    internal nint Result
    {
        get
        {
            Assert.True(_thread.Join(Arena.Limit), "The thread still waits.");
            return _failure is null ? _result : throw _failure;
        }
    }

    internal void Join() => _thread.Join(Arena.Limit);

    internal void AssertWaits() => Assert.False(_thread.Join(Arena.Pause), "The thread does not wait.");
}
