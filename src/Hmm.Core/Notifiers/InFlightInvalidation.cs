namespace Hmm.Core.Notifiers;

/// <summary>An invalidation that has started and not ended, and who is owed its end.</summary>
internal struct InFlightInvalidation
{
    /// <summary>First address, inclusive.</summary>
    internal ulong Start;

    /// <summary>End address, exclusive.</summary>
    internal ulong End;

    /// <summary>On whose behalf.</summary>
    internal object? Owner;

    /// <summary>Why.</summary>
    internal MmuNotifierEvent Event;

    /// <summary>Whether its start could not be refused.</summary>
    internal bool IsBlockable;

    /// <summary>Number of the start; never used twice.</summary>
    internal ulong Serial;

    /// <summary>Whether its start has told everybody, so that an end may be meant for it.</summary>
    internal bool IsStarted;

    /// <summary>The subscriptions of the moment of the start.</summary>
    internal MmuNotifier[] Told;

    /// <summary>Subscriptions that came later and were told the start then.</summary>
    internal MmuNotifier[] Joined;

    /// <summary>Whether these are its values.</summary>
    internal readonly bool Is(in MmuNotifierRange range) =>
        Start == range.Range.Start.Value && End == range.Range.End.Value && Event == range.Event && IsBlockable == range.IsBlockable
        && ReferenceEquals(Owner, range.Owner);
}
