using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;

namespace Hmm.Svm.Devices;

/// <summary>Lets a range fault write <see cref="GpuEntry"/> words as they go into the page table.</summary>
/// <remarks>Requests use the valid and write bits. Thread-safe: pure functions.</remarks>
public readonly struct GpuEntryFormat : IPfnEncoding
{
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
        (pfn.Value << PageConstants.PageShift) | GpuEntry.ValidBit | ((writable ? 1UL : 0) << WriteShift)
        | ((ulong)(order / GpuEntry.HugeOrder) << GpuEntry.CpuOrderShift);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> EncodeSystem<TSelf>(Vector256<ulong> addresses, Vector256<ulong> writable)
        where TSelf : struct, IPfnEncoding =>
        addresses | Vector256.Create(GpuEntry.ValidBit) | (writable << WriteShift);

    /// <inheritdoc/>
    public static ulong EncodeDevice(Pfn pfn, ulong deviceAddress, bool writable) => EncodeSystem(pfn, writable, 0) | GpuEntry.OwnBit;

    /// <inheritdoc/>
    public static HmmPfnFlags DecodeRequest(ulong word) =>
        ((word & GpuEntry.ValidBit) != 0 ? HmmPfnFlags.RequestFault : HmmPfnFlags.None)
        | ((word & GpuEntry.WriteBit) != 0 ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None);
}
