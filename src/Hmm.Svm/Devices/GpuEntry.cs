using Hmm.Core.Addressing;

namespace Hmm.Svm.Devices;

/// <summary>A word of a GPU's page table: bit 0 valid, 1 write, 2 atomic, 3 own memory, 5..4 size of the leaf, 7..6 size of the CPU's entry, frame from bit 12.</summary>
/// <param name="Value">The word.</param>
/// <remarks>Every page of a large leaf has a word of its own that says the leaf's size, so that a frame is found without arithmetic; real hardware keeps one
/// word in a table of another level. Thread-safe: immutable.</remarks>
public readonly record struct GpuEntry(ulong Value)
{
    /// <summary>Binary logarithm of the pages of a leaf of 64 KiB.</summary>
    public const int BigOrder = 4;

    /// <summary>Binary logarithm of the pages of a leaf of 2 MiB.</summary>
    public const int HugeOrder = 9;

    internal const ulong ValidBit = 1;
    internal const ulong WriteBit = 2;
    internal const ulong AtomicBit = 4;
    internal const ulong OwnBit = 8;
    internal const ulong LeafMask = 3UL << LeafShift;
    internal const int LeafShift = 4;
    internal const int CpuOrderShift = 6;

    /// <summary>Nothing.</summary>
    public static GpuEntry None => default;

    /// <summary>Whether the page can be read.</summary>
    public bool IsValid => (Value & ValidBit) != 0;

    /// <summary>Whether the page can be written.</summary>
    public bool IsWritable => (Value & WriteBit) != 0;

    /// <summary>Whether the device holds the page exclusively, for atomics.</summary>
    public bool IsAtomic => (Value & AtomicBit) != 0;

    /// <summary>Whether the page is in the device's own memory.</summary>
    public bool IsOwnMemory => (Value & OwnBit) != 0;

    /// <summary>Binary logarithm of the leaf's pages: 0, 4 or 9.</summary>
    public int LeafOrder => ((int)(Value >> LeafShift) & 3) switch { 0 => 0, 1 => BigOrder, _ => HugeOrder };

    /// <summary>Binary logarithm of the pages that the CPU's entry maps: 0, 9 or 18; only in words that come from a range fault.</summary>
    public int CpuOrder => ((int)(Value >> CpuOrderShift) & 3) * HugeOrder;

    /// <summary>The frame.</summary>
    public Pfn Pfn => new(Value >> PageConstants.PageShift);

    internal int LeafClass => (int)(Value >> LeafShift) & 3;

    /// <summary>Makes an entry of a small leaf.</summary>
    /// <param name="pfn">The frame.</param>
    /// <param name="writable">Whether it can be written.</param>
    /// <param name="isAtomic">Whether the device holds it exclusively.</param>
    /// <param name="isOwn">Whether it is the device's own memory.</param>
    /// <returns>The entry.</returns>
    public static GpuEntry Make(Pfn pfn, bool writable, bool isAtomic = false, bool isOwn = false) => new(
        (pfn.Value << PageConstants.PageShift) | ValidBit | (writable ? WriteBit : 0) | (isAtomic ? AtomicBit : 0) | (isOwn ? OwnBit : 0));

    /// <inheritdoc/>
    public override string ToString() => !IsValid
        ? "none"
        : $"{Pfn} {(IsWritable ? "rw" : "r")}{(IsAtomic ? " atomic" : "")}{(IsOwnMemory ? " own" : "")} leaf {1 << LeafOrder}";
}
