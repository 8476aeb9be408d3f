using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Locking;

namespace Hmm.Simulation.Tests.Stress;

/// <summary>INV-14: who waits holds only locks of lower rank.</summary>
public sealed class LockOrderTests
{
    private readonly object _one = new();
    private readonly object _other = new();

    [Fact]
    public void RisingRanksAreFine() => Assert.Empty(Record(() =>
    {
        using (new MonitorHold(_one, LockRank.Folio))
        using (new MonitorHold(_other, LockRank.Driver))
        {
        }
    }));

    [Fact]
    public void AFallingRankIsFound() => Assert.NotEmpty(Record(() =>
    {
        using (new MonitorHold(_one, LockRank.Driver))
        using (new MonitorHold(_other, LockRank.Folio))
        {
        }
    }));

    [Fact]
    public void TheSameRankTwiceIsFound() => Assert.NotEmpty(Record(() =>
    {
        using (new MonitorHold(_one, LockRank.Driver))
        using (new MonitorHold(_other, LockRank.Driver))
        {
        }
    }));

    [Fact]
    public void WaitingForInvalidationsWithALockHeldIsFound() => Assert.NotEmpty(Record(() =>
    {
        using (new MonitorHold(_one, LockRank.AddressSpace))
        {
            LockOrder.Entering(LockRank.InvalidationEnd);
        }
    }));

    // On a thread of its own: what others did on this one does not count.
    private static List<string> Record(ThreadStart action)
    {
        List<string> found = [];
        Thread thread = new(() =>
        {
            LockOrder.Current.Violated = found.Add;
            action();
        });
        thread.Start();
        thread.Join();
        return found;
    }
}
