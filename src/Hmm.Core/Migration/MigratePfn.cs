using Hmm.Core.Addressing;

namespace Hmm.Core.Migration;

/// <summary>A word of a migration's source or target array, laid out as in Linux: bit 0 valid, bit 1 migrate, bit 3 write, frame from bit 6.</summary>
/// <param name="Value">The word.</param>
/// <remarks>A source after setup: 0, not taken; migrate alone, an empty slot that may be populated; valid and migrate, a page that is locked and
/// unmapped. A target from the driver: valid, of a page that it holds locked and with a reference. Thread-safe: immutable.</remarks>
public readonly record struct MigratePfn(ulong Value)
{
    private const ulong ValidBit = 1;
    private const ulong MigrateBit = 2;
    private const ulong WriteBit = 8;
    private const int FrameShift = 6;

    /// <summary>An empty slot that may be populated.</summary>
    public static MigratePfn EmptySlot => new(MigrateBit);

    /// <summary>Whether the word names a page.</summary>
    public bool IsValid => (Value & ValidBit) != 0;

    /// <summary>Whether the page, or the empty slot, is still to move.</summary>
    public bool IsMigrating => (Value & MigrateBit) != 0;

    /// <summary>Whether the page was writable.</summary>
    public bool IsWritable => (Value & WriteBit) != 0;

    /// <summary>The page.</summary>
    public Pfn Pfn => IsValid ? new Pfn(Value >> FrameShift) : Pfn.None;

    /// <summary>The word of a page to move to.</summary>
    /// <param name="pfn">The page.</param>
    /// <param name="writable">For the driver's own use; the engine takes the permission from the entry.</param>
    /// <returns>The word.</returns>
    public static MigratePfn Target(Pfn pfn, bool writable = false) => new((pfn.Value << FrameShift) | ValidBit | (writable ? WriteBit : 0));

    internal static MigratePfn Source(Pfn pfn, bool writable) =>
        new((pfn.Value << FrameShift) | ValidBit | MigrateBit | (writable ? WriteBit : 0));

    internal MigratePfn WithoutMigrate() => new(Value & ~MigrateBit);
}
