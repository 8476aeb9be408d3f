using System.Collections.Generic;
using Hmm.Core.Notifiers;

namespace Hmm.Simulation.Stress;

/// <summary>Looks, when an invalidation has returned, whether a driver kept an entry.</summary>
internal sealed class StaleEntryObserver(IReadOnlyList<StressMirror> mirrors) : IMmuNotifierObserver
{
    public void InvalidateStarted(in MmuNotifierRange range, ulong sequence, int subscriptionsHit)
    {
        foreach (StressMirror mirror in mirrors)
        {
            mirror.CheckForgotten(in range);
        }
    }

    public void InvalidateEnded(in MmuNotifierRange range, ulong sequence)
    {
        // Readers may be at work again by now.
    }
}
