using System;
using System.Globalization;
using System.Threading;

namespace Hmm.Simulation.Stress;

/// <summary>What is known of a page's content, without any lock around the accesses themselves.</summary>
/// <remarks>
/// Each thread has a word of its own on the page and is its only writer, through the CPU or through any device. It says before a write which word
/// comes and after it that it is done. A reader notes what is done before it reads; whatever it then finds must be that or newer, but not newer than
/// what was begun. Giving the page up begins a new era; the era is odd meanwhile, and accesses that it overlaps may find either.
/// </remarks>
internal sealed class PageTruth(int id, int writers)
{
    private readonly long[] _started = new long[writers];
    private readonly ulong[] _done = new ulong[writers];
    private int _era;

    /// <summary>The era before which nothing may be found any more.</summary>
    private int _oldestEra;

    /// <summary>The page's number in all that is known.</summary>
    public int Id => id;

    public int Era => Volatile.Read(ref _era);

    public static bool IsReset(int era) => (era & 1) != 0;

    public ulong BeginWrite(int writer, out int era)
    {
        era = Era;
        long number = _started[writer] + 1;
        // A full fence: the word must not be found before it was announced.
        Interlocked.Exchange(ref _started[writer], number);
        return new WrittenWord(id, writer, era, (uint)number).Value;
    }

    public void EndWrite(int writer, int era, ulong word)
    {
        Interlocked.MemoryBarrier();
        if (!IsReset(era) && Era == era)
        {
            Volatile.Write(ref _done[writer], word);
        }
    }

    /// <summary>Whether the page was only lent back since it was given up for good: until it is written, it may become zeros at any moment.</summary>
    public bool MayVanish => Era != Volatile.Read(ref _oldestEra);

    /// <summary>Begins to give the page up, or ends it. One thread at a time.</summary>
    /// <param name="keepsOld">At the end: whether what was there may still be found, as it may after lazy freeing.</param>
    public void StepEra(bool keepsOld)
    {
        if (IsReset(_era) && !keepsOld)
        {
            Volatile.Write(ref _oldestEra, _era + 1);
        }

        Interlocked.Increment(ref _era);
    }

    /// <summary>Notes what is done, and returns the era, before a reader reads.</summary>
    public int NoteDone(Span<ulong> done)
    {
        int era = Era;
        for (int writer = 0; writer < writers; writer++)
        {
            done[writer] = Volatile.Read(ref _done[writer]);
        }

        Interlocked.MemoryBarrier();
        return era;
    }

    /// <summary>Whether a writer has written nothing since what was done: what it wrote is then there whole, however it writes and whoever reads.</summary>
    public bool IsSettled(int writer, ulong done) => (uint)Interlocked.Read(ref _started[writer]) == new WrittenWord(done).Number;

    /// <summary>Whether the page was given up meanwhile, or was being given up before.</summary>
    public bool IsSameEra(int era)
    {
        Interlocked.MemoryBarrier();
        return !IsReset(era) && Era == era;
    }

    /// <summary>Judges what a reader found.</summary>
    /// <param name="words">What it found: one word a writer.</param>
    /// <param name="done">What was done before.</param>
    /// <param name="era">The era before, if it still was the same afterwards; otherwise -1.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Complain(ReadOnlySpan<ulong> words, ReadOnlySpan<ulong> done, int era)
    {
        for (int writer = 0; writer < writers; writer++)
        {
            string? complaint = ComplainOfOne(words[writer], writer, done[writer], era);
            if (complaint != null)
            {
                return complaint;
            }
        }

        return null;
    }

    /// <summary>Judges one word.</summary>
    /// <param name="foundWord">What was found.</param>
    /// <param name="writer">Whose place it is in.</param>
    /// <param name="doneWord">What that writer had done before.</param>
    /// <param name="era">As in <see cref="Complain"/>.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? ComplainOfOne(ulong foundWord, int writer, ulong doneWord, int era)
    {
        WrittenWord found = new(foundWord);
        WrittenWord done = new(doneWord);
        bool isForeign = found.Value != 0
            && (found.Page != id || found.Writer != writer || found.Number > (uint)Interlocked.Read(ref _started[writer]));
        if (isForeign)
        {
            return string.Create(CultureInfo.InvariantCulture, $"page {id} holds what never was written there: {found}, in the place of thread {writer}");
        }

        if (era < 0)
        {
            return null;
        }

        if (done.Value != 0 && done.Era == (era & 0xFFFF) && (found.Value == 0 || found.Number < done.Number))
        {
            return string.Create(CultureInfo.InvariantCulture, $"page {id} lost a write: {done} was done, and the page holds {found}");
        }

        var now = new WrittenWord(Volatile.Read(ref _done[writer]));
        // Given up since, it says nothing any more of how old the data could be in that era.
        int oldest = Volatile.Read(ref _oldestEra);
        int age = (era - found.Era) & 0xFFFF;
        bool isBack = found.Value != 0 && oldest <= era && age > era - oldest && now.Era == found.Era && now.Number >= found.Number;
        return isBack
            ? string.Create(CultureInfo.InvariantCulture, $"page {id} was given up and holds old data again: {found} in era {era & 0xFFFF}")
            : null;
    }
}
