using System;
using System.Globalization;
using Hmm.Linux;

namespace Hmm.Stress;

/// <summary>How an access ended: done, refused as it is where the mapping does not allow it, or failed, as it never may.</summary>
/// <param name="IsDone">Whether it succeeded.</param>
/// <param name="IsRefused">Whether it was refused: SIGSEGV, EFAULT or EPERM.</param>
/// <param name="What">Says what came instead of success.</param>
/// <remarks>Thread-safe: a value.</remarks>
internal readonly record struct TouchOutcome(bool IsDone, bool IsRefused, string? What)
{
    public static TouchOutcome Done { get; } = new(true, false, null);

    /// <summary>Of a CPU's access.</summary>
    public static TouchOutcome Of(MemoryFault fault) => fault.IsNone ? Done
        : new(false, fault.Signal == MemorySignal.Sigsegv, string.Create(CultureInfo.InvariantCulture, $"{fault.Signal} at 0x{fault.Address:x}, code {fault.Code}"));

    /// <summary>Of a system call that was to transfer so many bytes.</summary>
    public static TouchOutcome Of(nint result, int expected) => result == expected ? Done
        : result == -Errno.EFAULT ? new(false, true, "EFAULT")
        : new(false, false, result < 0 ? Errno.NameOf((int)-result) : string.Create(CultureInfo.InvariantCulture, $"{result} of {expected} bytes"));

    /// <summary>Of a device's access.</summary>
    public static TouchOutcome Of(Action access)
    {
        try
        {
            access();
            return Done;
        }
        catch (LinuxException failure)
        {
            return new(false, failure.ErrorNumber is Errno.EFAULT or Errno.EPERM, Errno.NameOf(failure.ErrorNumber));
        }
    }
}
