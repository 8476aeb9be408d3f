using System.Runtime.InteropServices;

namespace Hmm.Linux.Interop;

/// <summary>From the C library's way to report errors, -1 and errno, to the kernel's own: the negative error number.</summary>
internal static class SystemCall
{
    /// <summary>What the call made just before returned, or its negative error number.</summary>
    internal static nint Result(nint returned) => returned == -1 ? -Marshal.GetLastPInvokeError() : returned;

    /// <inheritdoc cref="Result(nint)"/>
    internal static int Result(int returned) => returned == -1 ? -Marshal.GetLastPInvokeError() : returned;
}
