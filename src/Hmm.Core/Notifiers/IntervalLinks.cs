namespace Hmm.Core.Notifiers;

/// <summary>The part of a subscription that belongs to the tree and to the deferred list; its key, and its neighbours.</summary>
/// <remarks>Locking: all fields are written under the notifier lock only; NTF-01 says who may read them without.</remarks>
internal struct IntervalLinks
{
    /// <summary>First address of the interval, inclusive, in bytes.</summary>
    internal ulong First;

    /// <summary>Last address of the interval, inclusive, in bytes.</summary>
    internal ulong Last;

    /// <summary>The greatest <see cref="Last"/> in the subtree below and including this node.</summary>
    internal ulong MaxLast;

    /// <summary>Height of the subtree; a leaf has 1.</summary>
    internal int Height;

    internal MmuIntervalNotifier? Parent;
    internal MmuIntervalNotifier? Left;
    internal MmuIntervalNotifier? Right;

    /// <summary>Where the subscription is.</summary>
    internal IntervalPlace Place;

    internal MmuIntervalNotifier? DeferredPrevious;
    internal MmuIntervalNotifier? DeferredNext;
}
