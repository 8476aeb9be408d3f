namespace Hmm.Scenarios.Machines;

/// <summary>The three kinds of page word.</summary>
public enum PageWordState
{
    /// <summary>Nothing there; a fault could succeed.</summary>
    None,

    /// <summary>Error.</summary>
    Error,

    /// <summary>Readable at least.</summary>
    Mapped,
}
