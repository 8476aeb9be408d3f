using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hmm.Core.Addressing;

namespace Hmm.Core.Mirroring;

/// <summary>The fixed words of Linux since 5.8: bits 63 valid, 62 write, 61 error, 60..56 map order, 55..0 frame number.</summary>
/// <remarks>Request bits share positions with result bits. Thread-safe: pure functions. Source: Linux 6.12.</remarks>
public readonly struct Linux2020 : IPfnEncoding
{
    private const int OrderShift = 56;
    private const int WriteShift = 62;
    private const ulong OrderMask = 0x1F;
    private const ulong PfnMask = (1UL << OrderShift) - 1;

    /// <inheritdoc/>
    public static ulong None => 0;

    /// <inheritdoc/>
    public static ulong Error => (ulong)HmmPfnFlags.Error;

    /// <inheritdoc/>
    public static ulong FrameStride => 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EncodeSystem(Pfn pfn, bool writable, int order) =>
        pfn.Value | (ulong)HmmPfnFlags.Valid | ((writable ? 1UL : 0) << WriteShift) | ((ulong)order << OrderShift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> EncodeSystem<TSelf>(Vector256<ulong> addresses, Vector256<ulong> writable)
        where TSelf : struct, IPfnEncoding =>
        (addresses >>> PageConstants.PageShift) | Vector256.Create((ulong)HmmPfnFlags.Valid) | (writable << WriteShift);

    /// <inheritdoc/>
    public static ulong EncodeDevice(Pfn pfn, ulong deviceAddress, bool writable) => EncodeSystem(pfn, writable, 0);

    /// <inheritdoc/>
    public static ulong EncodeInaccessible<TSelf>(Pfn pfn)
        where TSelf : struct, IPfnEncoding => pfn.Value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HmmPfnFlags DecodeRequest(ulong word) => (HmmPfnFlags)word & (HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite);

    /// <summary>The frame of a word.</summary>
    /// <param name="word">A result word.</param>
    /// <returns>The frame.</returns>
    public static Pfn PfnOf(ulong word) => new(word & PfnMask);

    /// <summary>The flags of a word.</summary>
    /// <param name="word">A result word.</param>
    /// <returns>Valid, Write, Error.</returns>
    public static HmmPfnFlags FlagsOf(ulong word) => (HmmPfnFlags)word & (HmmPfnFlags.Valid | HmmPfnFlags.Write | HmmPfnFlags.Error);

    /// <summary>The map order of a word.</summary>
    /// <param name="word">A result word.</param>
    /// <returns>0, 9 or 18.</returns>
    public static int OrderOf(ulong word) => (int)((word >> OrderShift) & OrderMask);
}
