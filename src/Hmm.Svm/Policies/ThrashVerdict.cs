namespace Hmm.Svm.Policies;

/// <summary>What to do about a fault on a page that may be thrashing.</summary>
public enum ThrashVerdict
{
    /// <summary>Nothing: serve it.</summary>
    None,

    /// <summary>Leave it unserved for a while: a device faults again, a CPU waits.</summary>
    Throttle,

    /// <summary>Keep the page in one memory, and map it from there.</summary>
    Pin,
}
