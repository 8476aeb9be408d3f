namespace Hmm.Svm.Services;

/// <summary>Whose a unit of a device's memory is.</summary>
/// <param name="Block">The block.</param>
/// <param name="Key">Which part of it: <see cref="WholeBlock"/>, or one more than the number of a group of 64 KiB.</param>
internal readonly record struct UnitOwner(SvmBlock Block, int Key)
{
    /// <summary>The key of a unit that is a whole block, and of all that no chunk was made for.</summary>
    public const int WholeBlock = 0;

    /// <summary>Keys that there can be.</summary>
    public const int Keys = 1 + (PageMaskPages / GroupPages);

    private const int PageMaskPages = Policies.PageMask.Pages;
    private const int GroupPages = 16;

    /// <summary>First page within the block.</summary>
    public int FirstPage => Key == WholeBlock ? 0 : (Key - 1) * GroupPages;

    /// <summary>Pages that the unit spans.</summary>
    public int Span => Key == WholeBlock ? PageMaskPages : GroupPages;

    /// <summary>The unit that a page belongs to: its block, or its group if its chunk is smaller than the block.</summary>
    public static int KeyOf(SvmBlock block, int page)
    {
        byte size = block.Chunks is { } chunks ? chunks[page] : (byte)0;
        return size is > 0 and <= 9 ? 1 + (page / GroupPages) : WholeBlock;
    }
}
