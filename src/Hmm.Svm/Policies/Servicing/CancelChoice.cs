namespace Hmm.Svm.Policies.Servicing;

/// <summary>What becomes of the accesses that wait for one page: which are served, which are cancelled, and which hints are dropped.</summary>
/// <param name="Served">Accesses that can go on.</param>
/// <param name="Cancelled">Accesses that never can.</param>
/// <param name="Dropped">Prefetches that are not possible; a hint is never an error.</param>
/// <param name="Reason">Why.</param>
/// <remarks>Thread-safe: immutable. Source: UVM serves the reads of a page whose writes it must refuse; the others cancel the fault, or all of its group.</remarks>
public readonly record struct CancelChoice(AccessSet Served, AccessSet Cancelled, AccessSet Dropped, Reason Reason)
{
    /// <summary>Chooses.</summary>
    /// <param name="waiting">What waits.</param>
    /// <param name="allowed">What the mapping allows; nothing if there is no mapping.</param>
    /// <param name="isPartial">Whether accesses are told apart. If not, one that must be refused takes the other accesses of the page along.</param>
    /// <returns>The choice.</returns>
    public static CancelChoice For(AccessSet waiting, AccessSet allowed, bool isPartial)
    {
        AccessSet refused = waiting & ~allowed;
        AccessSet dropped = refused & AccessSet.Prefetch;
        AccessSet cancelled = refused & ~AccessSet.Prefetch;
        if (cancelled == AccessSet.None)
        {
            return new CancelChoice(waiting & allowed, cancelled, dropped, Why("served", waiting, allowed));
        }

        AccessSet served = isPartial ? waiting & allowed : AccessSet.None;
        AccessSet withOthers = isPartial ? cancelled : waiting & ~AccessSet.Prefetch;
        string rule = served == AccessSet.None ? "cancelled" : "cancelled-in-part";
        return new CancelChoice(served, withOthers, isPartial ? dropped : waiting & AccessSet.Prefetch, Why(rule, waiting, allowed));
    }

    private static Reason Why(string rule, AccessSet waiting, AccessSet allowed) =>
        new(rule, new("waiting", (long)waiting), new("allowed", (long)allowed));
}
