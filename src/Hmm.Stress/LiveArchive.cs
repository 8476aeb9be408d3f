using System;
using System.Globalization;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Live;

namespace Hmm.Stress;

/// <summary>Memory several times as large as the RAM limit, of whose pages every byte is known: it keeps the limit busy.</summary>
/// <remarks>Thread-safe by its locks: who holds a page's lock is alone on it.</remarks>
/// <param name="mapping">The memory.</param>
internal sealed class LiveArchive(LiveMapping mapping)
{
    private const int LockCount = 256;

    private readonly int[] _versions = new int[mapping.Length / PageConstants.PageSize];
    private readonly Lock[] _locks = MakeLocks();

    public LiveMapping Mapping => mapping;

    public int Count => _versions.Length;

    public nuint AddressOf(int page) => (nuint)mapping.Range.Start.Value + (nuint)OffsetOf(page);

    public static long OffsetOf(int page) => (long)page << PageConstants.PageShift;

    /// <summary>The lock of a page, which it shares with some others.</summary>
    public Lock LockOf(int page) => _locks[page % LockCount];

    /// <summary>Fills a buffer with the page's next version, which the caller then writes.</summary>
    public void FillNext(int page, Span<ulong> words) => Fill(page, ++_versions[page], words);

    /// <summary>Judges a page's content.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Complain(int page, ReadOnlySpan<ulong> words)
    {
        int version = _versions[page];
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] != WordOf(page, version, i))
            {
                return string.Create(CultureInfo.InvariantCulture, $"word {i} of page {page} is 0x{words[i]:x}, and should be 0x{WordOf(page, version, i):x} of version {version}")
                    + (words[i] == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; 0x{WordOf(page, version - 1, i):x} was the one before"));
            }
        }

        return null;
    }

    private static void Fill(int page, int version, Span<ulong> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = WordOf(page, version, i);
        }
    }

    // Never zero in a version that was written.
    private static ulong WordOf(int page, int version, int index) =>
        version == 0 ? 0 : ((ulong)version << 32) | ((ulong)page << 12) | (ulong)(uint)index;

    private static Lock[] MakeLocks()
    {
        Lock[] locks = new Lock[LockCount];
        for (int i = 0; i < locks.Length; i++)
        {
            locks[i] = new Lock();
        }

        return locks;
    }
}
