namespace Hmm.Core.Notifiers;

/// <summary>Is told of every invalidation of an address space; for tracing.</summary>
/// <remarks>
/// Thread-safety: called from every invalidating thread, without any lock of the notifiers (NTF-09); must not throw, and must not
/// start an invalidation of the same address space. Starts and ends come in pairs, also when a start is refused.
/// </remarks>
public interface IMmuNotifierObserver
{
    /// <summary>An invalidation started and its callbacks have returned.</summary>
    /// <param name="range">The invalidation.</param>
    /// <param name="sequence">The address space's number: odd if any subscription overlapped, of this or of a concurrent one.</param>
    /// <param name="subscriptionsHit">How many interval subscriptions were called; a refusing one counts.</param>
    void InvalidateStarted(in MmuNotifierRange range, ulong sequence, int subscriptionsHit);

    /// <summary>An invalidation ended.</summary>
    /// <param name="range">The invalidation.</param>
    /// <param name="sequence">The address space's number after it: even if no other invalidation is in flight.</param>
    void InvalidateEnded(in MmuNotifierRange range, ulong sequence);
}
