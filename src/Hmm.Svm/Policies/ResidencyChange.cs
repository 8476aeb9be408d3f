namespace Hmm.Svm.Policies;

/// <summary>What happened to pages, as a thrash policy hears of it.</summary>
public enum ResidencyChange
{
    /// <summary>They moved to an agent's memory.</summary>
    Migration,

    /// <summary>An agent lost rights to them without a move (an atomic access of another took them).</summary>
    Revocation,

    /// <summary>They were evicted to system memory to make room.</summary>
    Eviction,

    /// <summary>The program moved them.</summary>
    UserMigration,

    /// <summary>They were copied for reading.</summary>
    ReadDuplication,

    /// <summary>Their mapping is gone.</summary>
    Unmapped,
}
