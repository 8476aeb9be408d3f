using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Pager.Spaces;

/// <summary>Chooses homes so that the pages of 2 MiB have them one after the other: only then can they become a huge page.</summary>
/// <remarks>Under the space's layout lock.</remarks>
/// <param name="homes">Which page has which home.</param>
/// <param name="frames">Homes that nobody has.</param>
internal sealed class HomePlan(HomeMap homes, HomeFrames frames)
{
    private const ulong PagesOfBlock = PageConstants.HugePages;

    /// <summary>Sees to it that <see cref="Give"/> succeeds for a range, as long as nothing else is given.</summary>
    /// <returns>False if there are no more homes.</returns>
    public bool EnsureRoom(ulong start, ulong end) => frames.EnsureRoom(PagesOf(start, end), start >> PageConstants.PageShift);

    /// <summary>Gives a range homes: at its edges beside the neighbours' ones, otherwise fresh ones.</summary>
    /// <returns>False if there are no more; the range may have some then.</returns>
    public bool Give(ulong start, ulong end)
    {
        ulong firstBlockEnd = Math.Min(BlockOf(start) + PageConstants.PmdSize, end);
        start = TryGiveBeside(start, firstBlockEnd) ? firstBlockEnd : start;
        ulong lastBlock = BlockOf(end - 1);
        end = start < end && lastBlock >= start && TryGiveBeside(lastBlock, end) ? lastBlock : end;
        return start >= end || GiveFresh(start, end);
    }

    /// <summary>Gives a range consecutive homes that nobody shares a block with.</summary>
    /// <returns>False if there are no more.</returns>
    public bool GiveFresh(ulong start, ulong end)
    {
        Pfn first = frames.Take(PagesOf(start, end), start >> PageConstants.PageShift);
        if (!first.IsNone)
        {
            homes.Set(new HomeSegment(start, end, first));
        }

        return !first.IsNone;
    }

    /// <summary>Gives whole empty blocks homes that suit huge pages, where those that came along when memory moved do not.</summary>
    /// <param name="space">The engine's view of it; its address-space lock is taken for writing, so that nothing is put in meanwhile.</param>
    /// <param name="start">First address.</param>
    /// <param name="end">End, exclusive.</param>
    /// <returns>Whether there are other homes now.</returns>
    public bool Straighten(AddressSpace space, ulong start, ulong end)
    {
        ulong first = BlockOf(start + PageConstants.PmdSize - 1);
        List<HomeSegment> left = [];
        space.MmapLock.EnterWrite();
        for (ulong block = first; block + PageConstants.PmdSize <= end; block += PageConstants.PmdSize)
        {
            ulong next = block;
            while (next + PageConstants.PmdSize <= end && !IsStraight(next) && IsEmpty(space, next))
            {
                next += PageConstants.PmdSize;
            }

            if (next > block)
            {
                List<HomeSegment> before = homes.Cut(block, next);
                if (GiveFresh(block, next))
                {
                    left.AddRange(before);
                }

                block = next - PageConstants.PmdSize;
            }
        }

        space.MmapLock.ExitWrite();
        left.ForEach(segment => frames.Return(segment.First, segment.PageCount));
        return left.Count > 0;
    }

    private static ulong BlockOf(ulong address) => address & ~(PageConstants.PmdSize - 1);

    private static ulong PagesOf(ulong start, ulong end) => (end - start) >> PageConstants.PageShift;

    private static bool IsEmpty(AddressSpace space, ulong block) =>
        !space.TryFindEntry(new VirtualAddress(block), new VirtualAddress(block + PageConstants.PmdSize), out _, out _);

    private bool TryGiveBeside(ulong start, ulong end)
    {
        ulong block = BlockOf(start);
        foreach (HomeSegment neighbour in homes.Cut(block, block + PageConstants.PmdSize))
        {
            ulong first = neighbour.First.Value - PagesOf(block, neighbour.Start);
            Pfn home = new(first + PagesOf(block, start));
            if ((first & (PagesOfBlock - 1)) == 0 && frames.TryTakeAt(home, PagesOf(start, end)))
            {
                homes.Set(new HomeSegment(start, end, home));
                return true;
            }
        }

        return false;
    }

    private bool IsStraight(ulong block)
    {
        Pfn expected = homes.Find(block);
        bool isStraight = !expected.IsNone && (expected.Value & (PagesOfBlock - 1)) == 0;
        foreach (HomeSegment segment in homes.Cut(block, block + PageConstants.PmdSize))
        {
            isStraight &= segment.First == expected;
            expected = expected.Add((int)segment.PageCount);
        }

        return isStraight;
    }
}
