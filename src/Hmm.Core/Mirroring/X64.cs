using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hmm.Core.Addressing;

namespace Hmm.Core.Mirroring;

/// <summary>Leaf entries of x86-64 page tables, for devices that walk that format: bit 0 present, 1 writable, 2 user, 7 large, address 51..12, 63 no execution.</summary>
/// <remarks>Every page of a 2 MiB entry gets its own small entry with its own address; the large bit is for whoever builds tables from the words.
/// Device memory is not reachable by such devices: it reads as nothing there, also if the device owns it, and comes home when it is asked for.
/// Thread-safe: pure functions.</remarks>
public readonly struct X64 : IPfnEncoding
{
    private const ulong Present = 1 << 0;
    private const int WritableShift = 1;
    private const ulong User = 1 << 2;
    private const ulong NoExecution = 1UL << 63;

    /// <inheritdoc/>
    public static ulong None => 0;

    /// <inheritdoc/>
    public static ulong Error => 0;

    /// <inheritdoc/>
    public static bool ReachesDeviceMemory => false;

    /// <inheritdoc/>
    public static ulong FrameStride => PageConstants.PageSize;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EncodeSystem(Pfn pfn, bool writable, int order) =>
        (pfn.Value << PageConstants.PageShift) | Present | User | NoExecution | ((writable ? 1UL : 0) << WritableShift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> EncodeSystem<TSelf>(Vector256<ulong> addresses, Vector256<ulong> writable)
        where TSelf : struct, IPfnEncoding =>
        addresses | Vector256.Create(Present | User | NoExecution) | (writable << WritableShift);

    /// <inheritdoc/>
    public static ulong EncodeDevice(Pfn pfn, ulong deviceAddress, bool writable) => None;

    /// <inheritdoc/>
    public static HmmPfnFlags DecodeRequest(ulong word) =>
        ((word & Present) != 0 ? HmmPfnFlags.RequestFault : HmmPfnFlags.None)
        | ((word >> WritableShift & 1) != 0 ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None);
}
