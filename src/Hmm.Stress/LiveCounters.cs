using System.Globalization;
using System.Threading;
using Hmm.Core.Addressing;

namespace Hmm.Stress;

/// <summary>Counters in live memory that CPUs and devices add to, with the books: what was announced, and what was done.</summary>
/// <remarks>Thread-safe. A counter never shows less than what was done before it was read, nor more than what was announced when it has been read.</remarks>
/// <param name="pages">How many pages they lie on.</param>
internal sealed class LiveCounters(int pages)
{
    /// <summary>Counters on a page.</summary>
    public const int PerPage = 4;

    private const int Stride = PageConstants.PageSize / PerPage;

    private readonly long[] _announced = new long[pages * PerPage];
    private readonly long[] _done = new long[pages * PerPage];

    /// <summary>How many there are.</summary>
    public int Count => _done.Length;

    /// <summary>The page of a counter.</summary>
    public static int PageOf(int counter) => counter / PerPage;

    /// <summary>Where a counter is on its page.</summary>
    public static int OffsetOf(int counter) => (counter % PerPage * Stride) + sizeof(long);

    /// <summary>Somebody is about to add.</summary>
    public void Announce(int counter, long value) => Interlocked.Add(ref _announced[counter], value);

    /// <summary>Somebody has added.</summary>
    public void Settle(int counter, long value) => Interlocked.Add(ref _done[counter], value);

    /// <summary>An addition was refused.</summary>
    public void Withdraw(int counter, long value) => Interlocked.Add(ref _announced[counter], -value);

    /// <summary>What a counter shows at least, from now on.</summary>
    public long Least(int counter) => Interlocked.Read(ref _done[counter]);

    /// <summary>Judges what a counter showed.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Complain(int counter, long found, long least)
    {
        Interlocked.MemoryBarrier();
        long most = Interlocked.Read(ref _announced[counter]);
        return found >= least && found <= most ? null : string.Create(
            CultureInfo.InvariantCulture, $"counter {counter} shows {found}: {least} had been added before it was read, {most} was all that had been begun");
    }
}
