namespace Hmm.Linux;

/// <summary>How an access to memory ended; the values are Linux's signal numbers.</summary>
/// <remarks>Thread-safe: values.</remarks>
public enum MemorySignal
{
    /// <summary>It succeeded.</summary>
    None = 0,

    /// <summary>SIGBUS: there is no memory behind the mapping, or it has failed.</summary>
    Sigbus = 7,

    /// <summary>SIGSEGV: nothing is mapped there, or the mapping does not allow it.</summary>
    Sigsegv = 11,
}
