using System.IO;
using System.Runtime.InteropServices;

namespace Hmm.Linux;

/// <summary>A system call failed that should not have.</summary>
/// <remarks>Not thread-safe, as exceptions are.</remarks>
public sealed class LinuxException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="errno">The error number, positive or negative.</param>
    /// <param name="call">The call's name, for instance <c>mmap</c>.</param>
    /// <param name="attempted">What was to be done, as the beginning of a sentence: <c>reserving 4096 bytes</c>.</param>
    public LinuxException(nint errno, string call, string attempted)
        : base(Describe(errno, call, attempted), (int)(errno < 0 ? -errno : errno))
    {
        ErrorNumber = (int)(errno < 0 ? -errno : errno);
        Call = call;
        Attempted = attempted;
    }

    /// <summary>Makes the exception of a failure that has a sentence already.</summary>
    /// <param name="errno">The error number, positive or negative.</param>
    /// <param name="call">The call's name.</param>
    /// <param name="attempted">What was to be done, as the beginning of a sentence.</param>
    /// <param name="cause">Why it failed, a sentence.</param>
    public LinuxException(nint errno, string call, string attempted, string cause)
        : base($"{attempted} failed: {cause}", (int)(errno < 0 ? -errno : errno))
    {
        ErrorNumber = (int)(errno < 0 ? -errno : errno);
        Call = call;
        Attempted = attempted;
    }

    /// <summary>The error number, positive; see <see cref="Errno"/>.</summary>
    public int ErrorNumber { get; }

    /// <summary>The system call.</summary>
    public string Call { get; }

    /// <summary>What was to be done.</summary>
    public string Attempted { get; }

    /// <summary>Passes a result on, or throws if it is a negative error number.</summary>
    /// <param name="result">What a call of this assembly returned.</param>
    /// <param name="call">As in the constructor.</param>
    /// <param name="attempted">As in the constructor.</param>
    /// <returns><paramref name="result"/>, never negative.</returns>
    /// <exception cref="LinuxException">It was negative.</exception>
    public static nint Check(nint result, string call, string attempted) =>
        result >= 0 ? result : throw new LinuxException(result, call, attempted);

    private static string Describe(nint errno, string call, string attempted)
    {
        int positive = (int)(errno < 0 ? -errno : errno);
        return $"{attempted} failed: {call} says {Errno.NameOf(positive)} ({Marshal.GetPInvokeErrorMessage(positive)}).";
    }
}
