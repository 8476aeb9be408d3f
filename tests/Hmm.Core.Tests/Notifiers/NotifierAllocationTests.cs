using System;
using Hmm.Core.Notifiers;
using static Hmm.Core.Tests.Notifiers.RecordingDriver;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>Nothing on the notify and read paths allocates managed memory.</summary>
public sealed class NotifierAllocationTests
{
    [Fact]
    public void StartEndReadAndMembershipAllocateNothing()
    {
        var space = new MmuNotifierSubscriptions();
        var driver = new SilentDriver();
        MmuIntervalNotifier[] subscriptions = new MmuIntervalNotifier[64];
        for (int i = 0; i < subscriptions.Length; i++)
        {
            subscriptions[i] = new MmuIntervalNotifier(driver);
        }

        // The first rounds pay for what the runtime does once; one of the later ones must be free of all allocation.
        long least = long.MaxValue;
        for (int round = 0; round < 50 && least != 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            RunOnce(space, subscriptions);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private static void RunOnce(MmuNotifierSubscriptions space, MmuIntervalNotifier[] subscriptions)
    {
        int half = subscriptions.Length / 2;
        for (int i = 0; i < half; i++)
        {
            Require(subscriptions[i].Insert(space, new((ulong)i << 12), 1UL << 14) == HmmStatus.Success);
        }

        MmuNotifierRange hit = Pages(3, 5);
        MmuNotifierRange miss = Pages(1000, 1);
        ulong sequence = subscriptions[5].ReadBegin();
        Require(!subscriptions[5].ReadRetry(sequence));
        Require(space.InvalidateRangeStart(in hit) == HmmStatus.Success);
        Require(space.InvalidateRangeStart(in miss) == HmmStatus.Success);
        for (int i = half; i < subscriptions.Length; i++)
        {
            Require(subscriptions[i].Insert(space, new((ulong)i << 12), 1UL << 14) == HmmStatus.Success);
        }

        space.InvalidateRangeEnd(in miss);
        space.InvalidateRangeEnd(in hit);
        Require(subscriptions[5].CheckRetry(sequence) && subscriptions[5].ReadRetry(sequence));
        foreach (MmuIntervalNotifier subscription in subscriptions)
        {
            subscription.Remove();
        }
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("The scenario did not go as planned.");
        }
    }

    private sealed class SilentDriver : IMmuIntervalNotifierOps
    {
        public bool Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
        {
            subscription.SetSequence(sequence);
            return true;
        }
    }
}
