using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Threading;
using Hmm.Core.Addressing;

namespace Hmm.Core.PageTables;

/// <summary>An entry of a page table of any level.</summary>
/// <remarks>
/// <code>
///   63   62..58  57..52         51..12            11   8    7   6    5    4    3    2     1    0
///  table  kind    -      frame number or swap slot  -  excl     own  spec prot drty yng  huge  wr  present
///
///  present      bit 0 set, kind 0; "spec" has no normal page (the zero page); "prot": software-present only (PROT_NONE)
///  swap         kind 3, slot in the frame's place; "excl": the page was this process's own
///  others       kind as in PteKind, the frame in its place; migration entries keep yng and drty
///  table        bit 63 set: bits 47..6 are the address of the next level's node
/// </code>
/// <para>INV-02: a word that several threads touch is read by <see cref="Read"/> (acquire) and written by <see cref="Write"/> (release), under the
/// lock of its node. The release pairs with the acquire of lockless readers (range fault, the modelled CPU): who sees the entry sees the
/// frame's bytes and record as they were when the entry was made.</para>
/// </remarks>
/// <param name="Value">The word.</param>
public readonly record struct Pte(ulong Value)
{
    private const ulong PresentBit = 1UL << 0;
    private const ulong WriteBit = 1UL << 1;
    private const ulong HugeBit = 1UL << 2;
    private const ulong YoungBit = 1UL << 3;
    private const ulong DirtyBit = 1UL << 4;
    private const ulong ProtNoneBit = 1UL << 5;
    private const ulong SpecialBit = 1UL << 6;
    private const ulong SwapExclusiveBit = 1UL << 8;
    private const ulong TableBit = 1UL << 63;
    private const int KindShift = 58;
    private const ulong KindMask = 31UL << KindShift;
    private const int FrameShift = PageConstants.PageShift;
    private const ulong FrameMask = ((1UL << 40) - 1) << FrameShift;
    private const ulong NodeMask = (1UL << 48) - 1;

    /// <summary>An entry with nothing in it.</summary>
    public static Pte Empty => default;

    /// <summary>Whether there is nothing.</summary>
    public bool IsNone => Value == 0;

    /// <summary>Whether the entry maps a frame, also one of a mapping without permissions.</summary>
    public bool IsPresent => (Value & PresentBit) != 0;

    /// <summary>Whether the entry is present and the mapping has no permissions (PROT_NONE).</summary>
    public bool IsProtNone => (Value & ProtNoneBit) != 0;

    /// <summary>Whether the entry maps a frame and the mapping has permissions: one test for the fast path.</summary>
    public bool IsPresentAndAccessible => (Value & (PresentBit | ProtNoneBit)) == PresentBit;

    /// <summary>Whether a present entry allows writing.</summary>
    public bool IsWritable => (Value & WriteBit) != 0;

    /// <summary>Whether one entry maps 2 MiB.</summary>
    public bool IsHuge => (Value & HugeBit) != 0;

    /// <summary>Accessed since the bit was cleared.</summary>
    public bool IsYoung => (Value & YoungBit) != 0;

    /// <summary>Written since the bit was cleared.</summary>
    public bool IsDirty => (Value & DirtyBit) != 0;

    /// <summary>Whether a present entry maps no normal page: a zero page.</summary>
    public bool IsSpecial => (Value & SpecialBit) != 0;

    /// <summary>Whether a swap entry's page was this process's own.</summary>
    public bool IsSwapExclusive => (Value & SwapExclusiveBit) != 0;

    /// <summary>Whether the entry leads to a table of the next level.</summary>
    public bool IsTable => (Value & TableBit) != 0;

    /// <summary>What the entry is; tables have none.</summary>
    public PteKind Kind =>
        IsPresent ? (IsSpecial ? PteKind.ZeroPage : PteKind.Present) : (PteKind)((Value & KindMask) >> KindShift);

    /// <summary>Whether the entry is a swap entry with a frame in it (migration, device, poison).</summary>
    public bool HasFrameInSwapEntry => !IsPresent && !IsTable && Kind is >= PteKind.HwPoison and < PteKind.Marker;

    /// <summary>Whether a migration is under way.</summary>
    public bool IsMigration => !IsPresent && Kind is >= PteKind.MigrationRead and <= PteKind.MigrationWrite;

    /// <summary>Whether the page is in a device's private memory.</summary>
    public bool IsDevicePrivate => !IsPresent && Kind is PteKind.DeviceRead or PteKind.DeviceWrite;

    /// <summary>Whether a device has exclusive access to the page.</summary>
    public bool IsDeviceExclusive => !IsPresent && Kind is PteKind.DeviceExclusiveRead or PteKind.DeviceExclusiveWrite;

    /// <summary>The frame of a present entry or of a swap entry that has one.</summary>
    public Pfn Pfn => new((Value & FrameMask) >> FrameShift);

    /// <summary>The slot of a swap entry.</summary>
    public uint SwapSlot => (uint)((Value & FrameMask) >> FrameShift);

    /// <summary>Address of the next level's node.</summary>
    public nuint Node => (nuint)(Value & NodeMask);

    /// <summary>A present entry, neither writable, young nor dirty.</summary>
    public static Pte Make(Pfn pfn, bool protNone) =>
        new(PresentBit | (pfn.Value << FrameShift) | (protNone ? ProtNoneBit : 0));

    /// <summary>A swap entry with a frame.</summary>
    public static Pte MakeKind(PteKind kind, Pfn pfn) => new(((ulong)kind << KindShift) | (pfn.Value << FrameShift));

    /// <summary>A swap entry.</summary>
    public static Pte MakeSwap(uint slot, bool exclusive) =>
        new(((ulong)PteKind.Swap << KindShift) | ((ulong)slot << FrameShift) | (exclusive ? SwapExclusiveBit : 0));

    /// <summary>An entry that leads to a node.</summary>
    public static Pte MakeTable(nuint node) => new(TableBit | node);

    /// <summary>The same, writable and dirty.</summary>
    public Pte WithWriteDirty() => new(Value | WriteBit | DirtyBit);

    /// <summary>The same, writable or not.</summary>
    public Pte WithWrite(bool writable) => new(writable ? Value | WriteBit : Value & ~WriteBit);

    /// <summary>The same, dirty or not.</summary>
    public Pte WithDirty(bool dirty) => new(dirty ? Value | DirtyBit : Value & ~DirtyBit);

    /// <summary>The same, accessed or not.</summary>
    public Pte WithYoung(bool young) => new(young ? Value | YoungBit : Value & ~YoungBit);

    /// <summary>The same without a normal page behind it.</summary>
    public Pte WithSpecial() => new(Value | SpecialBit);

    /// <summary>The same as one entry for 2 MiB.</summary>
    public Pte WithHuge() => new(Value | HugeBit);

    /// <summary>The same of a mapping with or without permissions.</summary>
    public Pte WithProtNone(bool protNone) => new(protNone ? Value | ProtNoneBit : Value & ~ProtNoneBit);

    /// <summary>The same swap entry, shared with a child.</summary>
    public Pte WithoutSwapExclusive() => new(Value & ~SwapExclusiveBit);

    /// <summary>The same swap entry of another kind.</summary>
    public Pte WithKind(PteKind kind) => new((Value & ~KindMask) | ((ulong)kind << KindShift));

    /// <summary>All bits set where an entry is present and its mapping has permissions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<ulong> WherePresentAndAccessible(Vector256<ulong> entries) =>
        Vector256.Equals(entries & Vector256.Create(PresentBit | ProtNoneBit), Vector256.Create(PresentBit));

    /// <summary>The addresses of present entries' frames, in bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<ulong> FrameAddresses(Vector256<ulong> entries) => entries & Vector256.Create(FrameMask);

    /// <summary>1 where a present entry is writable, 0 elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<ulong> WritableBits(Vector256<ulong> entries) => (entries & Vector256.Create(WriteBit)) >>> 1;

    /// <summary>Reads a word that others may write meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe Pte Read(ulong* slot) => new(Volatile.Read(ref *slot));

    /// <summary>Writes a word that others may read meanwhile; the caller holds the node's lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Write(ulong* slot, Pte entry) => Volatile.Write(ref *slot, entry.Value);

    /// <summary>Takes the entry out, so that the modelled CPU cannot set a bit in it any more; the caller holds the node's lock.</summary>
    internal static unsafe Pte Exchange(ulong* slot, Pte entry) => new(Interlocked.Exchange(ref *slot, entry.Value));

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Pfn}{(IsWritable ? " W" : "")}{(IsHuge ? " 2M" : "")}{(IsProtNone ? " protnone" : "")}";
}
