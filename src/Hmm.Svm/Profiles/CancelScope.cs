namespace Hmm.Svm.Profiles;

/// <summary>Whom a fault that cannot be served takes along.</summary>
public enum CancelScope
{
    /// <summary>Only what cannot be served: a read goes on where a write is refused.</summary>
    Access,

    /// <summary>Each fault by itself.</summary>
    Fault,

    /// <summary>All faults of the window.</summary>
    Group,
}
