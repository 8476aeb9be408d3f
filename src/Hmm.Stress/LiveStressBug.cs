namespace Hmm.Stress;

/// <summary>A mistake planted into the pager, so that the checkers themselves can be tested.</summary>
/// <remarks>Thread-safe: values.</remarks>
public enum LiveStressBug
{
    /// <summary>None.</summary>
    None,

    /// <summary>The view is not flushed where the engine takes an entry away: CPUs go on writing to pages whose copies have been made.</summary>
    NoFlush,

    /// <summary>A device's callback erases, but does not store the sequence number: what a fault found meanwhile looks good to it.</summary>
    NoSequence,
}
