namespace Hmm.Svm.Services;

/// <summary>Places of a service where something may come in between.</summary>
public enum ServicePoint
{
    /// <summary>A range fault has taken its sequence number, and has not walked.</summary>
    SequenceRead,

    /// <summary>A range fault has walked, and its words are not entered.</summary>
    Walked,

    /// <summary>A migration is about to begin: room has been made.</summary>
    BeforeMigration,

    /// <summary>A migration is over, and its pages are not mapped.</summary>
    AfterMigration,

    /// <summary>A batch has been fetched and not looked at.</summary>
    BatchFetched,

    /// <summary>A unit has been chosen for eviction and is still there.</summary>
    EvictionChosen,
}
