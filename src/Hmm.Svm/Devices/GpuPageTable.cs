using System;
using System.Runtime.CompilerServices;
using Hmm.Core.Addressing;

namespace Hmm.Svm.Devices;

/// <summary>A GPU's page table for one address space: leaves of 4 KiB, 64 KiB and 2 MiB over 47 bits of address.</summary>
/// <remarks>
/// <para>Under the device's lock. Grows with the 2 MiB blocks that were ever mapped; no operation allocates for a block that was mapped before.</para>
/// <para>GPU-01: a large leaf covers an aligned group whose pages are all valid, with the same rights and memory, and, in system memory, in consecutive frames.
/// Own memory counts as contiguous: the model gives each block its place. Whoever changes a part of a large leaf breaks it first.</para>
/// </remarks>
public sealed class GpuPageTable
{
    private const int DirectoryShift = 12;
    private const int DirectoryBlocks = 1 << DirectoryShift;
    private const int BlocksShift = 47 - PageConstants.PmdShift;
    private const ulong RightsMask = GpuEntry.ValidBit | GpuEntry.WriteBit | GpuEntry.AtomicBit | GpuEntry.OwnBit;
    private const ulong KeepMask = ~(GpuEntry.LeafMask | (3UL << GpuEntry.CpuOrderShift));

    private readonly GpuBlock?[]?[] _directory = new GpuBlock?[1 << (BlocksShift - DirectoryShift)][];

    /// <summary>Pages mapped.</summary>
    public long Pages { get; private set; }

    /// <summary>Looks a page up.</summary>
    /// <param name="page">Address divided by 4096.</param>
    /// <returns>Its entry, or <see cref="GpuEntry.None"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GpuEntry Find(ulong page)
    {
        GpuBlock? block = BlockOf(page);
        return block == null ? GpuEntry.None : new GpuEntry(block.Words[page & (GpuBlock.Pages - 1)]);
    }

    /// <summary>Looks a page up as the device does when its TLB misses: the block remembers the walk.</summary>
    /// <param name="page">Address divided by 4096.</param>
    /// <param name="number">Which walk of the device this is; tables of several address spaces can be compared by it.</param>
    /// <returns>Its entry, or <see cref="GpuEntry.None"/>.</returns>
    public GpuEntry Walk(ulong page, long number)
    {
        GpuBlock? block = BlockOf(page);
        if (block == null)
        {
            return GpuEntry.None;
        }

        block.Walks++;
        block.LastWalk = number;
        return new GpuEntry(block.Words[page & (GpuBlock.Pages - 1)]);
    }

    /// <summary>How often and when last the device walked to a block.</summary>
    /// <param name="block">Address divided by 2 MiB.</param>
    /// <param name="count">How often.</param>
    /// <param name="last">The last walk's number on the device; 0 for never.</param>
    public void ReadWalks(ulong block, out long count, out long last)
    {
        GpuBlock? found = BlockOf(block << GpuBlock.Shift);
        (count, last) = found == null ? (0, 0) : (found.Walks, found.LastWalk);
    }

    /// <summary>Enters words; words without the valid bit leave what is there.</summary>
    /// <param name="page">The first page.</param>
    /// <param name="words">One word a page, as <see cref="GpuEntryFormat"/> writes them.</param>
    /// <param name="maxLeafOrder">Largest leaf to make: 0, 4 or 9.</param>
    /// <param name="hasReplaced">Whether an entry changed that was valid before: TLBs must forget it.</param>
    /// <returns>How many pages were entered.</returns>
    public int Map(ulong page, ReadOnlySpan<ulong> words, int maxLeafOrder, out bool hasReplaced)
    {
        int entered = 0;
        hasReplaced = false;
        while (!words.IsEmpty)
        {
            int first = (int)(page & (GpuBlock.Pages - 1));
            int here = Math.Min(words.Length, GpuBlock.Pages - first);
            entered += MapInBlock(page, first, words[..here], maxLeafOrder, ref hasReplaced);
            words = words[here..];
            page += (ulong)here;
        }

        return entered;
    }

    /// <summary>Erases pages.</summary>
    /// <param name="page">The first page.</param>
    /// <param name="count">How many; holes cost nothing to speak of.</param>
    /// <returns>How many were mapped.</returns>
    public int Erase(ulong page, ulong count)
    {
        int erased = 0;
        ulong end = page + count;
        while (page < end)
        {
            GpuBlock?[]? directory = DirectoryOf(page);
            if (directory == null)
            {
                // 8 GiB without a table.
                page = ((page >> (GpuBlock.Shift + DirectoryShift)) + 1) << (GpuBlock.Shift + DirectoryShift);
                if (page >> (BlocksShift + GpuBlock.Shift) != 0)
                {
                    break;
                }

                continue;
            }

            int first = (int)(page & (GpuBlock.Pages - 1));
            int here = (int)Math.Min(end - page, (ulong)(GpuBlock.Pages - first));
            GpuBlock? block = directory[(page >> GpuBlock.Shift) & (DirectoryBlocks - 1)];
            if (block is { Valid: > 0 })
            {
                erased += EraseInBlock(block, first, here);
            }

            page += (ulong)here;
        }

        Pages -= erased;
        return erased;
    }

    /// <summary>Calls back for every page that is mapped, in order; for checks.</summary>
    /// <param name="visit">Gets page and entry.</param>
    public void Visit(Action<ulong, GpuEntry> visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        for (int i = 0; i < _directory.Length; i++)
        {
            GpuBlock?[]? directory = _directory[i];
            for (int j = 0; directory != null && j < directory.Length; j++)
            {
                GpuBlock? block = directory[j];
                for (int k = 0; block is { Valid: > 0 } && k < GpuBlock.Pages; k++)
                {
                    GpuEntry entry = new(block.Words[k]);
                    if (entry.IsValid)
                    {
                        visit((((ulong)i << DirectoryShift | (uint)j) << GpuBlock.Shift) + (ulong)k, entry);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private GpuBlock?[]? DirectoryOf(ulong page)
    {
        ulong index = page >> (GpuBlock.Shift + DirectoryShift);
        return index < (ulong)_directory.Length ? _directory[index] : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private GpuBlock? BlockOf(ulong page) => DirectoryOf(page)?[(page >> GpuBlock.Shift) & (DirectoryBlocks - 1)];

    private int MapInBlock(ulong page, int first, ReadOnlySpan<ulong> words, int maxLeafOrder, ref bool hasReplaced)
    {
        ref GpuBlock?[]? directory = ref _directory[page >> (GpuBlock.Shift + DirectoryShift)];
        directory ??= new GpuBlock?[DirectoryBlocks];
        GpuBlock block = directory[(page >> GpuBlock.Shift) & (DirectoryBlocks - 1)] ??= new GpuBlock();
        int entered = 0;
        int before = block.Valid;
        for (int i = 0; i < words.Length; i++)
        {
            ulong word = words[i];
            if ((word & GpuEntry.ValidBit) != 0)
            {
                ref ulong slot = ref block.Words[first + i];
                if ((slot & GpuEntry.LeafMask) != 0)
                {
                    Break(block, first + i, 1);
                }

                hasReplaced |= (slot & GpuEntry.ValidBit) != 0 && (slot & ~GpuEntry.LeafMask) != (word & KeepMask);
                block.Valid += (int)(~slot & GpuEntry.ValidBit);
                slot = word & KeepMask;
                entered++;
            }
        }

        Pages += block.Valid - before;
        if (maxLeafOrder >= GpuEntry.BigOrder && entered > 0 && block.Valid >= 1 << GpuEntry.BigOrder)
        {
            Merge(block, first, words.Length, maxLeafOrder);
        }

        return entered;
    }

    private static int EraseInBlock(GpuBlock block, int first, int count)
    {
        if (block.Large > 0)
        {
            Break(block, first, count);
        }

        int erased = 0;
        Span<ulong> words = block.Words.AsSpan(first, count);
        foreach (ulong word in words)
        {
            erased += (int)(word & GpuEntry.ValidBit);
        }

        words.Clear();
        block.Valid -= erased;
        return erased;
    }

    /// <summary>GPU-01: makes leaves small, or a huge one big, so that none reaches across the pages that change.</summary>
    private static void Break(GpuBlock block, int first, int count)
    {
        int groupFirst = first >> GpuEntry.BigOrder;
        int groupLast = (first + count - 1) >> GpuEntry.BigOrder;
        bool isHuge = new GpuEntry(block.Words[first]).LeafClass == 2;
        for (int group = 0; group < GpuBlock.Pages >> GpuEntry.BigOrder; group++)
        {
            bool touched = group >= groupFirst && group <= groupLast;
            if (touched || isHuge)
            {
                Relabel(block, group << GpuEntry.BigOrder, 1 << GpuEntry.BigOrder, touched ? 0 : 1);
            }
        }
    }

    private static void Relabel(GpuBlock block, int first, int count, int leafClass)
    {
        foreach (ref ulong word in block.Words.AsSpan(first, count))
        {
            int before = new GpuEntry(word).LeafClass;
            if ((word & GpuEntry.ValidBit) != 0)
            {
                block.Large += (leafClass != 0 ? 1 : 0) - (before != 0 ? 1 : 0);
                word = (word & ~GpuEntry.LeafMask) | ((ulong)leafClass << GpuEntry.LeafShift);
            }
        }
    }

    private static void Merge(GpuBlock block, int first, int count, int maxLeafOrder)
    {
        const int Group = 1 << GpuEntry.BigOrder;
        if (maxLeafOrder >= GpuEntry.HugeOrder && block.Valid == GpuBlock.Pages && IsUniform(block.Words))
        {
            Relabel(block, 0, GpuBlock.Pages, 2);
            return;
        }

        for (int at = first & ~(Group - 1); at < first + count; at += Group)
        {
            if (new GpuEntry(block.Words[at]).LeafClass == 0 && IsUniform(block.Words.AsSpan(at, Group)))
            {
                Relabel(block, at, Group, 1);
            }
        }
    }

    private static bool IsUniform(ReadOnlySpan<ulong> words)
    {
        ulong rights = words[0] & RightsMask;
        if ((rights & GpuEntry.ValidBit) == 0)
        {
            return false;
        }

        bool isOwn = (rights & GpuEntry.OwnBit) != 0;
        ulong frame = words[0] >> PageConstants.PageShift;
        if (!isOwn && (frame & (ulong)(words.Length - 1)) != 0)
        {
            return false;
        }

        for (int i = 1; i < words.Length; i++)
        {
            if ((words[i] & RightsMask) != rights || (!isOwn && words[i] >> PageConstants.PageShift != frame + (ulong)i))
            {
                return false;
            }
        }

        return true;
    }
}
