namespace Hmm.Core.Addressing;

/// <summary>Sizes of the modelled machine: x86-64 with four levels of page tables.</summary>
/// <remarks>Thread-safe: constants only. Source: the x86-64 paging structures as Linux uses them.</remarks>
public static class PageConstants
{
    /// <summary>Binary logarithm of the page size.</summary>
    public const int PageShift = 12;

    /// <summary>Size of a page in bytes.</summary>
    public const int PageSize = 1 << PageShift;

    /// <summary>Binary logarithm of the bytes that one leaf table (or one huge entry) maps.</summary>
    public const int PmdShift = 21;

    /// <summary>Bytes that one leaf table (or one huge entry) maps.</summary>
    public const ulong PmdSize = 1UL << PmdShift;

    /// <summary>Binary logarithm of the bytes that one entry of the second level from the top maps.</summary>
    public const int PudShift = 30;

    /// <summary>Binary logarithm of the bytes that one entry of the top level maps.</summary>
    public const int PgdShift = 39;

    /// <summary>Entries in a page table of any level.</summary>
    public const int EntriesPerTable = 512;

    /// <summary>Order (binary logarithm of pages) of a huge page.</summary>
    public const int HugeOrder = PmdShift - PageShift;

    /// <summary>Pages in a huge page.</summary>
    public const int HugePages = 1 << HugeOrder;

    /// <summary>First address above user space, in bytes.</summary>
    public const ulong UserSpaceEnd = 0x0000_7fff_ffff_f000;
}
