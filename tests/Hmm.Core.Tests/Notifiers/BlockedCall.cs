using System;
using System.Threading;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>A call on a thread of its own, of which one can say that it waits and later that it has returned.</summary>
internal sealed class BlockedCall
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly Thread _thread;
    private Exception? _failure;

    public BlockedCall(Action call)
    {
        _thread = new Thread(() =>
        {
            try
            {
                call();
            }
            catch (Exception failure) when (failure is not ThreadInterruptedException)
            {
                _failure = failure;
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Returns when the thread sleeps; fails if it ends instead.</summary>
    public void AssertWaits()
    {
        bool sleeps = SpinWait.SpinUntil(() => (_thread.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) != 0, Patience);
        Assert.True(sleeps, "The call neither waits nor returns.");
        Assert.False(_thread.Join(20), "The call returned instead of waiting.");
    }

    /// <summary>Returns when the call has; fails if it does not.</summary>
    public void AssertReturns()
    {
        Assert.True(_thread.Join(Patience), "The call still waits.");
        Assert.Null(_failure);
    }
}
