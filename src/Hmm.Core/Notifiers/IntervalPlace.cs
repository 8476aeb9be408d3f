namespace Hmm.Core.Notifiers;

/// <summary>Where a subscription is.</summary>
internal enum IntervalPlace
{
    /// <summary>Nowhere: not inserted yet, or removed.</summary>
    Nowhere,

    /// <summary>In the tree.</summary>
    Tree,

    /// <summary>On the deferred list, not in the tree yet.</summary>
    AwaitingInsert,

    /// <summary>On the deferred list, still in the tree.</summary>
    AwaitingRemove,
}
