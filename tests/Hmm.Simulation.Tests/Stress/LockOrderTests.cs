using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Locking;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;

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

    [Fact]
    public void UsingAMirroredRangeWithTheDriversLockHeldIsFound()
    {
        using SimulatedMachine machine = new();
        AddressSpace space = machine.CreateProcess();
        MirrorRange range = new(space, VirtualRange.FromPages(new VirtualAddress(1UL << 32), 2), new NoDevice());
        Assert.Empty(Record(() => range.WaitUntilValid(TimeSpan.Zero)));
        Assert.Empty(Record(() => range.Snapshot<Linux2020>(new ulong[2])));
        Assert.NotEmpty(Record(() => WithDriverLock(() => range.WaitUntilValid(TimeSpan.Zero))));
        Assert.NotEmpty(Record(() => WithDriverLock(() => range.Snapshot<Linux2020>(new ulong[2]))));
        Assert.Empty(Record(() => WithDriverLock(() => _ = range.IsValid)));
        Assert.NotEmpty(Record(() => WithDriverLock(range.Dispose)));
        space.Exit();
    }

    private void WithDriverLock(Action action)
    {
        using (new MonitorHold(_one, LockRank.Driver))
        {
            action();
        }
    }

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

    private sealed class NoDevice : IMirrorRangeOps
    {
        public bool Invalidate(MirrorRange mirror, in MmuNotifierRange range) => true;
    }
}
