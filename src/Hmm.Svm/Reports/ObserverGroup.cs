using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Reports;

/// <summary>Several observers of one run, told in order.</summary>
/// <param name="observers">The observers.</param>
/// <remarks>As thread-safe as they are.</remarks>
public sealed class ObserverGroup(IReadOnlyList<IReplayObserver> observers) : IReplayObserver
{
    private readonly IReplayObserver[] _accesses = [.. observers.Where(observer => observer.WantsAccesses)];
    private readonly IReplayObserver[] _decisions = [.. observers.Where(observer => observer.WantsDecisions)];

    /// <inheritdoc/>
    public bool WantsAccesses => _accesses.Length > 0;

    /// <inheritdoc/>
    public bool WantsDecisions => _decisions.Length > 0;

    /// <summary>The smallest observer that tells them all: null for none, itself for one.</summary>
    /// <param name="observers">The observers; null ones are left out.</param>
    public static IReplayObserver? Of(params IReplayObserver?[] observers)
    {
        ArgumentNullException.ThrowIfNull(observers);
        IReplayObserver[] there = [.. observers.OfType<IReplayObserver>()];
        return there.Length switch
        {
            0 => null,
            1 => there[0],
            _ => new ObserverGroup(there),
        };
    }

    /// <inheritdoc/>
    public void Accessed(in PageAccess access, long time)
    {
        foreach (IReplayObserver observer in _accesses)
        {
            observer.Accessed(access, time);
        }
    }

    /// <inheritdoc/>
    public void Faulted(in FaultRecord fault)
    {
        foreach (IReplayObserver observer in observers)
        {
            observer.Faulted(fault);
        }
    }

    /// <inheritdoc/>
    public void Moved(in ResidencyEvent change)
    {
        foreach (IReplayObserver observer in observers)
        {
            observer.Moved(change);
        }
    }

    /// <inheritdoc/>
    public void BatchServed(in BatchRecord batch)
    {
        foreach (IReplayObserver observer in observers)
        {
            observer.BatchServed(batch);
        }
    }

    /// <inheritdoc/>
    public void Cancelled(in FaultRecord fault, in Reason reason)
    {
        foreach (IReplayObserver observer in observers)
        {
            observer.Cancelled(fault, reason);
        }
    }

    /// <inheritdoc/>
    public void Decided(in DecisionPlace place, in Reason reason)
    {
        foreach (IReplayObserver observer in _decisions)
        {
            observer.Decided(place, reason);
        }
    }
}
