using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hmm.Svm.Policies;

/// <summary>A set of pages of one block of 2 MiB: 512 bits, bit n for the block's n-th page.</summary>
/// <remarks>A value: assigning copies. Not thread-safe. No operation allocates.</remarks>
[InlineArray(WordCount)]
public struct PageMask : IEquatable<PageMask>
{
    /// <summary>Pages in a block.</summary>
    public const int Pages = 512;

    private const int WordBits = 64;
    private const int WordCount = Pages / WordBits;

    private ulong _word0;

    /// <summary>How many pages are in the set.</summary>
    public readonly int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in Words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>The page behind the last of the set; 0 if it is empty.</summary>
    public readonly int End
    {
        get
        {
            for (int word = WordCount - 1; word >= 0; word--)
            {
                if (this[word] != 0)
                {
                    return (word << 6) + WordBits - BitOperations.LeadingZeroCount(this[word]);
                }
            }

            return 0;
        }
    }

    /// <summary>Whether no page is in the set.</summary>
    public readonly bool IsEmpty => Bits == Vector512<ulong>.Zero;

    private readonly Vector512<ulong> Bits => Vector512.LoadUnsafe(in _word0);

    /// <summary>The bits, 64 pages a word, the lowest page in the lowest bit.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public readonly ReadOnlySpan<ulong> Words => this;

    /// <summary>The pages [first, first + count).</summary>
    /// <param name="first">First page, 0 to 511.</param>
    /// <param name="count">How many.</param>
    /// <returns>The set.</returns>
    public static PageMask Range(int first, int count)
    {
        PageMask mask = default;
        mask.AddRange(first, count);
        return mask;
    }

    /// <summary>Whether a page is in the set.</summary>
    /// <param name="page">0 to 511.</param>
    /// <returns>True if it is.</returns>
    public readonly bool Has(int page) => (this[page >> 6] & (1UL << (page & 63))) != 0;

    /// <summary>Adds a page.</summary>
    /// <param name="page">0 to 511.</param>
    public void Add(int page) => this[page >> 6] |= 1UL << (page & 63);

    /// <summary>Takes a page out.</summary>
    /// <param name="page">0 to 511.</param>
    public void Remove(int page) => this[page >> 6] &= ~(1UL << (page & 63));

    /// <summary>Adds the pages [first, first + count).</summary>
    /// <param name="first">First page, 0 to 511.</param>
    /// <param name="count">How many; first + count at most 512.</param>
    public void AddRange(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)first + (uint)count, (uint)Pages, nameof(count));
        int end = first + count;
        for (int at = first; at < end;)
        {
            int bit = at & 63;
            int here = Math.Min(WordBits - bit, end - at);
            ulong bits = here == WordBits ? ulong.MaxValue : ((1UL << here) - 1) << bit;
            this[at >> 6] |= bits;
            at += here;
        }
    }

    /// <summary>How many pages of [first, first + count) are in the set.</summary>
    /// <param name="first">First page, 0 to 511.</param>
    /// <param name="count">How many.</param>
    /// <returns>The number.</returns>
    public readonly int CountRange(int first, int count) => (this & Range(first, count)).Count;

    /// <summary>The first page of the set at or after a page.</summary>
    /// <param name="from">0 to 512.</param>
    /// <returns>The page, or 512 if there is none.</returns>
    public readonly int Next(int from)
    {
        for (int word = from >> 6; word < WordCount; word++)
        {
            ulong bits = this[word];
            if (word == from >> 6)
            {
                bits &= ulong.MaxValue << (from & 63);
            }

            if (bits != 0)
            {
                return (word << 6) + BitOperations.TrailingZeroCount(bits);
            }
        }

        return Pages;
    }

    /// <summary>The first page at or after a page that is not in the set.</summary>
    /// <param name="from">0 to 512.</param>
    /// <returns>The page, or 512 if there is none.</returns>
    public readonly int NextMissing(int from) => (~this).Next(from);

    /// <inheritdoc/>
    public readonly bool Equals(PageMask other) => this == other;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is PageMask other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        HashCode hash = default;
        foreach (ulong word in Words)
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }

    /// <summary>Pages of either set.</summary>
    public static PageMask operator |(in PageMask left, in PageMask right) => Of(left.Bits | right.Bits);

    /// <summary>Pages of both sets.</summary>
    public static PageMask operator &(in PageMask left, in PageMask right) => Of(left.Bits & right.Bits);

    /// <summary>Pages of the first set that are not in the second.</summary>
    public static PageMask operator -(in PageMask left, in PageMask right) => Of(Vector512.AndNot(left.Bits, right.Bits));

    /// <summary>Pages that are not in the set.</summary>
    public static PageMask operator ~(in PageMask mask) => Of(~mask.Bits);

    /// <summary>Whether both hold the same pages.</summary>
    public static bool operator ==(in PageMask left, in PageMask right) => left.Bits == right.Bits;

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(in PageMask left, in PageMask right) => !(left == right);

    private static PageMask Of(Vector512<ulong> bits)
    {
        Unsafe.SkipInit(out PageMask mask);
        bits.StoreUnsafe(ref mask._word0);
        return mask;
    }
}
