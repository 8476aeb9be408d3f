using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>A device that mirrors some pages of a shared table, from whatever thread asks.</summary>
internal sealed class RacingMirror(int firstPage, int pages, PlantedBug bug) : IMmuIntervalNotifierOps
{
    private readonly Lock _lock = new();
    private readonly long[] _entries = new long[pages];
    private int _refusals;

    /// <summary>One of so many non-blockable invalidations is refused.</summary>
    private const int RefusalPeriod = 3;

    public int FirstPage => firstPage;

    public int EndPage => firstPage + pages;

    public MmuIntervalNotifier Subscribe(MmuNotifierSubscriptions space)
    {
        var subscription = new MmuIntervalNotifier(this);
        Xunit.Assert.Equal(
            HmmStatus.Success,
            subscription.Insert(space, VirtualAddress.FromPage((ulong)firstPage), (ulong)pages * PageConstants.PageSize));
        return subscription;
    }

    public bool Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
    {
        lock (_lock)
        {
            if (!range.IsBlockable && ++_refusals % RefusalPeriod == 0)
            {
                return false;
            }

            if (bug != PlantedBug.StoresNoNumber)
            {
                subscription.SetSequence(sequence);
            }

            int first = Math.Max(firstPage, (int)range.Range.Start.PageNumber);
            int end = Math.Min(EndPage, (int)VirtualEndPage(range.Range));
            for (int page = first; page < end && bug != PlantedBug.TearsNothingDown; page++)
            {
                _entries[page - firstPage] = 0;
            }
        }

        return true;
    }

    /// <summary>Mirrors one page, once. True if it was programmed. The table must still say the same at that moment.</summary>
    public bool TryMirror(MmuIntervalNotifier subscription, long[] table, int page, Action<string> report)
    {
        ulong sequence = subscription.ReadBegin();
        long seen = Volatile.Read(ref table[page]);
        Thread.Yield();
        if (bug == PlantedBug.TestsBeforeTheLock)
        {
            if (subscription.ReadRetry(sequence))
            {
                return false;
            }

            Thread.Yield();
        }

        lock (_lock)
        {
            bool trustsItself = bug is PlantedBug.SkipsTheRetryTest or PlantedBug.TestsBeforeTheLock;
            if (!trustsItself && subscription.ReadRetry(sequence))
            {
                return false;
            }

            _entries[page - firstPage] = seen;
            long now = Volatile.Read(ref table[page]);
            if (now != seen)
            {
                report($"page {page} was programmed with version {seen} while the table says {now}");
            }

            return true;
        }
    }

    /// <summary>During an invalidation: no page of it may be in the device.</summary>
    public void AssertForgotten(int first, int end, Action<string> report)
    {
        lock (_lock)
        {
            for (int page = Math.Max(first, firstPage); page < Math.Min(end, EndPage); page++)
            {
                if (_entries[page - firstPage] != 0)
                {
                    report($"page {page} is still in the device during its invalidation");
                }
            }
        }
    }

    /// <summary>When nothing runs: what the device has is what the table says.</summary>
    public void AssertMirrors(long[] table, Action<string> report)
    {
        for (int page = firstPage; page < EndPage; page++)
        {
            long entry = _entries[page - firstPage];
            if (entry != 0 && entry != table[page])
            {
                report($"page {page} is stale at rest: {entry}, the table says {table[page]}");
            }
        }
    }

    private static ulong VirtualEndPage(VirtualRange range) => range.Start.PageNumber + range.PageCount;
}
