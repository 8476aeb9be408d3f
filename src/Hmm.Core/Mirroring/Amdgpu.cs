using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hmm.Core.Addressing;

namespace Hmm.Core.Mirroring;

/// <summary>Leaf entries of AMD's GPU page tables: bit 0 valid, 1 system, 2 snooped, 4 executable, 5 readable, 6 writeable, 11..7 fragment, address 47..12.</summary>
/// <remarks>The fragment is the order of the CPU's entry, so that the GPU's TLB may cover as much with one entry. Thread-safe: pure functions.</remarks>
public readonly struct Amdgpu : IPfnEncoding
{
    private const ulong Valid = 1 << 0;
    private const ulong System = 1 << 1;
    private const ulong Snooped = 1 << 2;
    private const ulong Executable = 1 << 4;
    private const ulong Readable = 1 << 5;
    private const int WriteableShift = 6;
    private const int FragmentShift = 7;
    private const ulong Host = Valid | System | Snooped | Executable | Readable;
    private const ulong Local = Valid | Executable | Readable;

    /// <inheritdoc/>
    public static ulong None => 0;

    /// <inheritdoc/>
    public static ulong Error => 0;

    /// <inheritdoc/>
    public static ulong FrameStride => PageConstants.PageSize;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EncodeSystem(Pfn pfn, bool writable, int order) =>
        (pfn.Value << PageConstants.PageShift) | Host | ((writable ? 1UL : 0) << WriteableShift) | ((ulong)order << FragmentShift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> EncodeSystem<TSelf>(Vector256<ulong> addresses, Vector256<ulong> writable)
        where TSelf : struct, IPfnEncoding =>
        addresses | Vector256.Create(Host) | (writable << WriteableShift);

    /// <inheritdoc/>
    public static ulong EncodeDevice(Pfn pfn, ulong deviceAddress, bool writable) =>
        deviceAddress | Local | ((writable ? 1UL : 0) << WriteableShift);

    /// <inheritdoc/>
    public static HmmPfnFlags DecodeRequest(ulong word) =>
        ((word & Valid) != 0 ? HmmPfnFlags.RequestFault : HmmPfnFlags.None)
        | ((word >> WriteableShift & 1) != 0 ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None);
}
