namespace Hmm.Svm.Policies;

/// <summary>Why an attempt failed.</summary>
public enum RetryCause
{
    /// <summary>An invalidation overtook the range fault.</summary>
    Invalidated,

    /// <summary>Pages that should all move did not all move.</summary>
    MigrationRefused,

    /// <summary>There was no room, and something was evicted.</summary>
    Evicted,

    /// <summary>An access came back unserved after a replay.</summary>
    FaultedAgain,
}
