namespace Hmm.Core.Notifiers;

/// <summary>First-in first-out list of the subscriptions to insert or remove when the tree may change again.</summary>
/// <remarks>
/// Locking: used under the notifier lock only. Cost: every operation O(1); never allocates, the links are in the subscriptions.
/// </remarks>
internal struct DeferredSubscriptions
{
    private MmuIntervalNotifier? _first;
    private MmuIntervalNotifier? _last;

    /// <summary>Whether nothing waits.</summary>
    internal readonly bool IsEmpty => _first is null;

    /// <summary>Puts a subscription at the end; it must not be on the list.</summary>
    internal void Add(MmuIntervalNotifier subscription)
    {
        subscription.Links.DeferredPrevious = _last;
        subscription.Links.DeferredNext = null;
        if (_last is null)
        {
            _first = subscription;
        }
        else
        {
            _last.Links.DeferredNext = subscription;
        }

        _last = subscription;
    }

    /// <summary>Takes a subscription off; it must be on the list.</summary>
    internal void Drop(MmuIntervalNotifier subscription)
    {
        MmuIntervalNotifier? previous = subscription.Links.DeferredPrevious;
        MmuIntervalNotifier? next = subscription.Links.DeferredNext;
        if (previous is null)
        {
            _first = next;
        }
        else
        {
            previous.Links.DeferredNext = next;
        }

        if (next is null)
        {
            _last = previous;
        }
        else
        {
            next.Links.DeferredPrevious = previous;
        }

        subscription.Links.DeferredPrevious = null;
        subscription.Links.DeferredNext = null;
    }

    /// <summary>Takes off the first subscription; null if the list is empty.</summary>
    internal MmuIntervalNotifier? TakeFirst()
    {
        MmuIntervalNotifier? first = _first;
        if (first is not null)
        {
            Drop(first);
        }

        return first;
    }
}
