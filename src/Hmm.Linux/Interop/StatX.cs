using System.Runtime.InteropServices;

namespace Hmm.Linux.Interop;

/// <summary>The kernel's <c>struct statx</c>, the same on every architecture, as far as it is read here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatX
{
    [FieldOffset(0)]
    internal uint stx_mask;

    [FieldOffset(28)]
    internal ushort stx_mode;

    [FieldOffset(40)]
    internal ulong stx_size;

    [FieldOffset(48)]
    internal ulong stx_blocks;
}
