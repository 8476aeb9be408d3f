namespace Hmm.Pager.Exports;

/// <summary>A mistake planted into a space, so that the checkers of stress runs can be tested.</summary>
/// <remarks>Thread-safe: values. Where none is planted the pager runs no code for it: the mistaken part stands in another one's place.</remarks>
public enum PlantedBug
{
    /// <summary>None.</summary>
    None,

    /// <summary>The view is not flushed where the engine takes an entry away: CPUs go on writing to pages whose copies have been made.</summary>
    NoFlush,

    /// <summary>A device's invalidation callback erases, but does not store the sequence number: what a fault found meanwhile looks good to it.</summary>
    NoSequence,
}
