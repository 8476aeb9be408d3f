using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>A driver that does its duty and writes down what it was told.</summary>
internal sealed class RecordingDriver : IMmuIntervalNotifierOps
{
    private readonly Lock _lock = new();
    private readonly List<MmuNotifierRange> _calls = [];
    private readonly List<ulong> _sequences = [];

    public RecordingDriver() => Subscription = new MmuIntervalNotifier(this);

    public MmuIntervalNotifier Subscription { get; }

    /// <summary>Invalidations that this says true to are ignored: no number is stored.</summary>
    public Func<MmuNotifierRange, bool>? Ignores { get; set; }

    /// <summary>What the callback returns.</summary>
    public bool Answer { get; set; } = true;

    /// <summary>Runs inside the callback.</summary>
    public Action? Inside { get; set; }

    public IReadOnlyList<MmuNotifierRange> Calls => _calls;

    public IReadOnlyList<ulong> Sequences => _sequences;

    public bool Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        Inside?.Invoke();
        lock (_lock)
        {
            _calls.Add(range);
            _sequences.Add(sequence);
            if (Answer && Ignores?.Invoke(range) != true)
            {
                subscription.SetSequence(sequence);
            }
        }

        return Answer;
    }

    /// <summary>The retry test under the driver's lock.</summary>
    public bool MustRetry(ulong sequence)
    {
        lock (_lock)
        {
            return Subscription.ReadRetry(sequence);
        }
    }

    /// <summary>A driver that has subscribed to some pages.</summary>
    public static RecordingDriver On(MmuNotifierSubscriptions space, ulong firstPage, ulong pages)
    {
        var driver = new RecordingDriver();
        HmmStatus status = driver.Subscription.Insert(space, VirtualAddress.FromPage(firstPage), pages * PageConstants.PageSize);
        Xunit.Assert.Equal(HmmStatus.Success, status);
        return driver;
    }

    /// <summary>An invalidation of some pages.</summary>
    public static MmuNotifierRange Pages(
        ulong firstPage,
        ulong pages,
        MmuNotifierEvent why = MmuNotifierEvent.Clear,
        bool isBlockable = true,
        object? owner = null) =>
        new(VirtualRange.FromPages(VirtualAddress.FromPage(firstPage), pages), why, isBlockable, owner);
}
