using System.Runtime.InteropServices;

namespace Hmm.Linux.Interop;

/// <summary>The C library's <c>struct sigaction</c>, the same on x86-64 and arm64.</summary>
[StructLayout(LayoutKind.Explicit, Size = 152)]
internal struct SignalAction
{
    [FieldOffset(0)]
    internal nint sa_handler;

    [FieldOffset(136)]
    internal int sa_flags;
}
