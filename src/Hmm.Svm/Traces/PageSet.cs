using System;
using System.Collections.Generic;
using System.Numerics;
using Hmm.Core.Addressing;

namespace Hmm.Svm.Traces;

/// <summary>A set of page numbers: one bit a page, in pieces of 2 MiB of address space.</summary>
/// <remarks>Not thread-safe. Adding costs one look-up per 2 MiB; memory grows with the pieces touched: about 100 bytes each.</remarks>
public sealed class PageSet
{
    private const int PieceShift = PageConstants.HugeOrder;
    private const int WordsPerPiece = PageConstants.HugePages / 64;

    private readonly Dictionary<ulong, ulong[]> _pieces = [];
    private ulong _lastNumber = ulong.MaxValue;
    private ulong[] _last = [];

    /// <summary>How many pages are in the set.</summary>
    public long Count { get; private set; }

    /// <summary>Adds pages.</summary>
    /// <param name="first">Number of the first page.</param>
    /// <param name="pages">How many, at least one.</param>
    public void Add(ulong first, ulong pages)
    {
        ulong end = first + pages;
        while (first < end)
        {
            ulong[] piece = PieceOf(first >> PieceShift);
            int bit = (int)(first & (PageConstants.HugePages - 1));
            int inWord = bit & 63;
            int length = (int)Math.Min((ulong)(64 - inWord), end - first);
            ulong mask = (length == 64 ? ulong.MaxValue : (1UL << length) - 1) << inWord;
            ref ulong word = ref piece[bit >> 6];
            Count += BitOperations.PopCount(mask & ~word);
            word |= mask;
            first += (ulong)length;
        }
    }

    /// <summary>Whether a page is in the set.</summary>
    /// <param name="page">Its number.</param>
    public bool Contains(ulong page) =>
        _pieces.TryGetValue(page >> PieceShift, out ulong[]? piece)
        && (piece[(page & (PageConstants.HugePages - 1)) >> 6] & (1UL << (int)(page & 63))) != 0;

    /// <summary>How many pages are in both sets.</summary>
    /// <param name="other">The other set.</param>
    public long CountCommon(PageSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        long common = 0;
        foreach ((ulong number, ulong[] words) in _pieces)
        {
            if (other._pieces.TryGetValue(number, out ulong[]? others))
            {
                for (int i = 0; i < WordsPerPiece; i++)
                {
                    common += BitOperations.PopCount(words[i] & others[i]);
                }
            }
        }

        return common;
    }

    /// <summary>The set as ranges of whole pages, in order of addresses; pages with at most a gap between them share a range.</summary>
    /// <param name="gapPages">The longest gap that is bridged; 0 bridges none.</param>
    public IReadOnlyList<VirtualRange> ToRanges(ulong gapPages)
    {
        List<ulong> numbers = [.. _pieces.Keys];
        numbers.Sort();
        List<VirtualRange> ranges = [];
        ulong start = 0, end = 0;
        foreach (ulong number in numbers)
        {
            ulong[] words = _pieces[number];
            for (int i = 0; i < WordsPerPiece; i++)
            {
                for (ulong rest = words[i]; rest != 0; rest &= rest - 1)
                {
                    ulong page = (number << PieceShift) + (ulong)((i * 64) + BitOperations.TrailingZeroCount(rest));
                    if (end != 0 && page - end <= gapPages)
                    {
                        end = page + 1;
                        continue;
                    }

                    Close(ranges, start, end);
                    start = page;
                    end = page + 1;
                }
            }
        }

        Close(ranges, start, end);
        return ranges;
    }

    private static void Close(List<VirtualRange> ranges, ulong start, ulong end)
    {
        if (end > start)
        {
            ranges.Add(VirtualRange.FromPages(VirtualAddress.FromPage(start), end - start));
        }
    }

    private ulong[] PieceOf(ulong number)
    {
        if (number != _lastNumber)
        {
            if (!_pieces.TryGetValue(number, out ulong[]? piece))
            {
                piece = new ulong[WordsPerPiece];
                _pieces.Add(number, piece);
            }

            _last = piece;
            _lastNumber = number;
        }

        return _last;
    }
}
