using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hmm.Core.Addressing;

namespace Hmm.Core.Mirroring;

/// <summary>The page-map words of the nouveau driver: bit 0 valid, 1 write, 2 atomic, 7..4 aperture (0 host, 1 VRAM), address from bit 12.</summary>
/// <remarks>A page in the device's own memory is named by its VRAM address. Requests use the valid and write bits. Thread-safe: pure functions.
/// Source: the driver's interface of Linux 6.12.</remarks>
public readonly struct Nouveau : IPfnEncoding
{
    /// <summary>Valid.</summary>
    public const ulong Valid = 1 << 0;

    /// <summary>Writable.</summary>
    public const ulong Write = 1 << 1;

    /// <summary>Atomics allowed; set by the driver for pages that it holds exclusively, never by a range fault.</summary>
    public const ulong Atomic = 1 << 2;

    /// <summary>Aperture: device memory. Zero in these bits is host memory.</summary>
    public const ulong Vram = 1 << 4;

    private const int WriteShift = 1;

    /// <inheritdoc/>
    public static ulong None => 0;

    /// <inheritdoc/>
    public static ulong Error => 0;

    /// <inheritdoc/>
    public static ulong FrameStride => PageConstants.PageSize;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EncodeSystem(Pfn pfn, bool writable, int order) =>
        (pfn.Value << PageConstants.PageShift) | Valid | ((writable ? 1UL : 0) << WriteShift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> EncodeSystem<TSelf>(Vector256<ulong> addresses, Vector256<ulong> writable)
        where TSelf : struct, IPfnEncoding =>
        addresses | Vector256.Create(Valid) | (writable << WriteShift);

    /// <inheritdoc/>
    public static ulong EncodeDevice(Pfn pfn, ulong deviceAddress, bool writable) => deviceAddress | Vram | Valid | (writable ? Write : 0);

    /// <inheritdoc/>
    public static HmmPfnFlags DecodeRequest(ulong word) =>
        ((word & Valid) != 0 ? HmmPfnFlags.RequestFault : HmmPfnFlags.None) | ((word & Write) != 0 ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None);
}
