namespace Hmm.Core.Notifiers;

/// <summary>An invalidation that has started and not ended, and who is owed its end.</summary>
internal struct InFlightInvalidation
{
    /// <summary>What was started.</summary>
    internal MmuNotifierRange Range;

    /// <summary>Number of the start; never used twice.</summary>
    internal ulong Serial;

    /// <summary>Whether its start has told everybody, so that an end may be meant for it.</summary>
    internal bool IsStarted;

    /// <summary>The subscriptions of the moment of the start.</summary>
    internal MmuNotifier[] Told;

    /// <summary>Subscriptions that came later and were told the start then.</summary>
    internal MmuNotifier[] Joined;
}
