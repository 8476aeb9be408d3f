namespace Hmm.Stress;

/// <summary>What a page allowed during a whole access.</summary>
internal enum LivePageState
{
    /// <summary>It changed meanwhile, or was changing.</summary>
    Unknown,

    /// <summary>Everything.</summary>
    ReadWrite,

    /// <summary>Reading only.</summary>
    ReadOnly,

    /// <summary>Nothing: it has no permissions, or is not mapped.</summary>
    None,
}
