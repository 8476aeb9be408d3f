namespace Hmm.Linux;

/// <summary>How a guarded access ended.</summary>
/// <param name="Signal">The signal that the access raised, or none.</param>
/// <param name="Address">The address as the kernel reports it; 0 after success, and for addresses that are none.</param>
/// <param name="Code">The kernel's reason (si_code): 1 nothing mapped, 2 not allowed; for SIGBUS 2 beyond the file, 4 memory that has failed.</param>
/// <remarks>Thread-safe: a value.</remarks>
public readonly record struct MemoryFault(MemorySignal Signal, nuint Address, int Code)
{
    /// <summary>Whether the access succeeded.</summary>
    public bool IsNone => Signal == MemorySignal.None;
}
