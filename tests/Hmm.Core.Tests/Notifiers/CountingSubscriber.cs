using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>A subscriber to starts and ends that counts what is in flight.</summary>
internal sealed class CountingSubscriber : IMmuNotifierOps
{
    private readonly Lock _lock = new();
    private readonly List<string> _story = [];

    public CountingSubscriber() => Notifier = new MmuNotifier(this);

    public MmuNotifier Notifier { get; }

    public bool Answer { get; set; } = true;

    /// <summary>Runs inside a start.</summary>
    public Action? InsideStart { get; set; }

    /// <summary>Runs inside an end.</summary>
    public Action? InsideEnd { get; set; }

    public int InFlight { get; private set; }

    /// <summary>Whether an end ever came without its start.</summary>
    public bool WentBelowZero { get; private set; }

    public string Story
    {
        get
        {
            lock (_lock)
            {
                return string.Join(' ', _story);
            }
        }
    }

    public bool InvalidateRangeStart(in MmuNotifierRange range)
    {
        lock (_lock)
        {
            _story.Add(Answer ? $"start({range.Range.Start.PageNumber})" : "refusal");
            InFlight += Answer || range.IsBlockable ? 1 : 0;
        }

        InsideStart?.Invoke();
        return Answer;
    }

    public void InvalidateRangeEnd(in MmuNotifierRange range)
    {
        InsideEnd?.Invoke();
        lock (_lock)
        {
            _story.Add($"end({range.Range.Start.PageNumber})");
            WentBelowZero |= --InFlight < 0;
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _story.Add("release");
        }
    }

    public static CountingSubscriber On(MmuNotifierSubscriptions space)
    {
        var subscriber = new CountingSubscriber();
        Assert.Equal(HmmStatus.Success, subscriber.Notifier.Register(space));
        return subscriber;
    }
}
