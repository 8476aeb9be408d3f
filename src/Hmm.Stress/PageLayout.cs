using System;
using Hmm.Core.Addressing;

namespace Hmm.Stress;

/// <summary>Where each thread's words are in a page: a slot of 128 bytes a thread, with a word that is written at once, and a block that is not.</summary>
/// <remarks>
/// <para>A word is written by one store, or by a device; a block by copies, of CPUs, of the kernel or of devices. All 8 words of a block are equal, so that a block that
/// came over in part shows. Each is a writer of its own to the truth. What is between them is zero for ever.</para>
/// <para>Thread-safe: constants and pure functions.</para>
/// </remarks>
internal static class PageLayout
{
    /// <summary>Words of 8 bytes in a page.</summary>
    public const int PageWords = PageConstants.PageSize / sizeof(ulong);

    /// <summary>Words of a block.</summary>
    public const int BlockWords = 8;

    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = BlockWords * sizeof(ulong);

    private const int SlotWords = 16;
    private const int BlockAt = 8;

    /// <summary>How many writers so many threads are.</summary>
    public static int WritersOf(int threads) => 2 * threads;

    /// <summary>The writer of a thread's word.</summary>
    public static int WordWriter(int thread) => 2 * thread;

    /// <summary>The writer of a thread's block.</summary>
    public static int BlockWriter(int thread) => (2 * thread) + 1;

    /// <summary>The first word of what a writer writes.</summary>
    public static int FirstWord(int writer) => (writer / 2 * SlotWords) + ((writer & 1) * BlockAt);

    /// <summary>How many words a writer writes.</summary>
    public static int WordCount(int writer) => (writer & 1) == 0 ? 1 : BlockWords;

    /// <summary>The first word that is not zero and belongs to nobody; -1 if there is none.</summary>
    public static int FindForeign(ReadOnlySpan<ulong> page, int writers)
    {
        int next = 0;
        for (int writer = 0; writer < writers; writer++)
        {
            int first = FirstWord(writer);
            int found = page[next..first].IndexOfAnyExcept(0UL);
            if (found >= 0)
            {
                return next + found;
            }

            next = first + WordCount(writer);
        }

        int last = page[next..].IndexOfAnyExcept(0UL);
        return last < 0 ? -1 : next + last;
    }
}
