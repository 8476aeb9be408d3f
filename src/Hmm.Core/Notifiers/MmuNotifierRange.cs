using Hmm.Core.Addressing;

namespace Hmm.Core.Notifiers;

/// <summary>One invalidation: which addresses change, why, on whose behalf, and whether the callbacks may wait.</summary>
/// <remarks>
/// Thread-safe: immutable. The default value holds an empty range, which no invalidation accepts.
/// Source: Linux <c>struct mmu_notifier_range</c>; the address space is the <see cref="MmuNotifierSubscriptions"/> it is given to.
/// </remarks>
public readonly struct MmuNotifierRange
{
    /// <summary>Describes an invalidation.</summary>
    /// <param name="range">The addresses, start inclusive, end exclusive, in bytes; must not be empty when it is used.</param>
    /// <param name="notifierEvent">Why the addresses change.</param>
    /// <param name="isBlockable">Whether callbacks may wait; false only for a caller that cannot.</param>
    /// <param name="owner">On whose behalf, or null; compared by reference.</param>
    public MmuNotifierRange(VirtualRange range, MmuNotifierEvent notifierEvent, bool isBlockable = true, object? owner = null)
    {
        Range = range;
        Event = notifierEvent;
        IsBlockable = isBlockable;
        Owner = owner;
    }

    /// <summary>The addresses that change: start inclusive, end exclusive, in bytes.</summary>
    public VirtualRange Range { get; }

    /// <summary>Why they change.</summary>
    public MmuNotifierEvent Event { get; }

    /// <summary>Whether callbacks may wait. If false, a callback that would have to wait returns false instead.</summary>
    public bool IsBlockable { get; }

    /// <summary>
    /// On whose behalf: for <see cref="MmuNotifierEvent.Migrate"/> the owner of the device memory, for
    /// <see cref="MmuNotifierEvent.Exclusive"/> the caller's object, or null when exclusive access is taken away; else null.
    /// </summary>
    public object? Owner { get; }

    /// <summary>Whether this invalidation was started on behalf of the given owner, who may then choose to ignore it.</summary>
    /// <param name="owner">An owner.</param>
    /// <returns>True if both are the same object; null matches nobody.</returns>
    public bool IsOwnedBy(object? owner) => owner is not null && ReferenceEquals(Owner, owner);

    /// <inheritdoc/>
    public override string ToString() => $"{Event} {Range}";
}
