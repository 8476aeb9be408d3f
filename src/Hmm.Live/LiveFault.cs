using System.Globalization;
using Hmm.Linux;

namespace Hmm.Live;

/// <summary>How an access to live memory ended that would have ended the process with a signal.</summary>
/// <param name="Signal">The signal, or none.</param>
/// <param name="Address">Where, as the kernel says: for SIGBUS perhaps the first address of the page.</param>
/// <param name="Cause">For SIGBUS what failed behind the page, a negative error number: -EIO, a pool that cannot be read; -ENOSPC, one that is full; 0: nothing, memory is out or
/// has failed.</param>
/// <remarks>Thread-safe: a value.</remarks>
public readonly record struct LiveFault(MemorySignal Signal, nuint Address, int Cause)
{
    /// <summary>Whether the access succeeded.</summary>
    public bool IsNone => Signal == MemorySignal.None;

    /// <summary>Throws if the access failed.</summary>
    /// <exception cref="LiveFaultException">It did.</exception>
    public void ThrowIfFailed()
    {
        if (!IsNone)
        {
            throw new LiveFaultException(this);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Signal switch
    {
        MemorySignal.None => "no fault",
        MemorySignal.Sigsegv => string.Create(CultureInfo.InvariantCulture, $"SIGSEGV at 0x{Address:x}: nothing is mapped there, or the mapping does not allow it"),
        _ when Cause == 0 => string.Create(CultureInfo.InvariantCulture, $"SIGBUS at 0x{Address:x}: memory is out, or has failed"),
        _ when Cause == -Errno.ENOSPC => string.Create(
            CultureInfo.InvariantCulture, $"SIGBUS at 0x{Address:x}: memory is out: no page could leave RAM, since the pool is full"),
        _ => string.Create(CultureInfo.InvariantCulture, $"SIGBUS at 0x{Address:x}: the page could not be brought back: {Errno.NameOf(Cause)}"),
    };
}
