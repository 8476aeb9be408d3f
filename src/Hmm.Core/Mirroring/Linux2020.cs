using System.Runtime.CompilerServices;
using Hmm.Core.Addressing;

namespace Hmm.Core.Mirroring;

/// <summary>The fixed words of Linux since 5.8: bits 63 valid, 62 write, 61 error, 60..56 map order, 55..0 frame number.</summary>
/// <remarks>Thread-safe: pure functions.</remarks>
public readonly struct Linux2020 : IPfnEncoding
{
    private const int OrderShift = 56;
    private const ulong OrderMask = 0x1F;
    private const ulong PfnMask = (1UL << OrderShift) - 1;

    /// <inheritdoc/>
    public static ulong None => 0;

    /// <inheritdoc/>
    public static ulong Error => (ulong)HmmPfnFlags.Error;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Encode(Pfn pfn, HmmPfnFlags flags, int order) => pfn.Value | (ulong)flags | ((ulong)order << OrderShift);

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
