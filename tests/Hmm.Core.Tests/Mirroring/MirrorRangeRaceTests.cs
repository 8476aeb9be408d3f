using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;
using Hmm.Core.Tests.Notifiers;

namespace Hmm.Core.Tests.Mirroring;

/// <summary>Real threads: two drivers that fault and wait, two that change the mappings under them.</summary>
public sealed class MirrorRangeRaceTests : IDisposable
{
    private const int TotalPages = 24;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly MirrorWorld _world = new();
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _commits;
    private int _changes;

    private bool IsLively => Volatile.Read(ref _commits) > 50 && Volatile.Read(ref _changes) > 50;

    // A busy machine gets more time, until enough has happened for the result to say something.
    private bool IsOver => !_violations.IsEmpty || (_clock.Elapsed > Time && (IsLively || _clock.Elapsed > Patience));

    public void Dispose() => _world.Dispose();

    [Fact]
    public void NoEntryOutlivesAnInvalidationAndEveryWaiterWakes()
    {
        _world.Map(0, TotalPages);
        using ShadowDriver left = new(_world, 0, 16);
        using ShadowDriver right = new(_world, 8, 16);
        BlockedCall[] threads =
        [
            new(() => Mirror(left, 0, block: true)),
            new(() => Mirror(right, 8, block: false)),
            new(() => Remap(left, right, new Random(1))),
            new(() => Announce(left, right, new Random(2))),
        ];

        Array.ForEach(threads, thread => thread.AssertReturns());

        Assert.Empty(_violations);
        Assert.True(IsLively, $"{_commits} commits, {_changes} changes: too few to show anything.");
        Assert.Equal((0, 0), (left.Range.InvalidationsInFlight, right.Range.InvalidationsInFlight));
        Assert.True(left.Range.WaitUntilValid(TimeSpan.Zero) && right.Range.WaitUntilValid(TimeSpan.Zero));
    }

    private void Mirror(ShadowDriver driver, int firstPage, bool block)
    {
        ulong[] words = new ulong[16];
        MirrorRequest request = new(MirrorWorld.FaultForWriting);
        while (!IsOver)
        {
            if (!block && !driver.Range.WaitUntilValid(Patience))
            {
                _violations.Enqueue("A waiter was not woken.");
            }

            HmmStatus status = driver.Range.Fault<Linux2020>(request, words, block, out _);
            if (status != HmmStatus.Success)
            {
                // The remapping thread leaves a hole for a moment.
                _ = status is HmmStatus.Again or HmmStatus.Fault ? true : Violate($"A fault answered {status}.");
                continue;
            }

            bool isEntered = driver.TryCommit(words, () =>
            {
                for (int i = 0; i < words.Length; i++)
                {
                    // The entry of the CPU cannot change while the driver's lock is held and the range is valid.
                    Pte entry = _world.Space.ReadEntry(MirrorWorld.At(firstPage + i));
                    _ = entry.IsPresent && entry.Pfn == Linux2020.PfnOf(words[i]) ? true : Violate($"Page {firstPage + i} was entered stale.");
                }
            });
            Interlocked.Add(ref _commits, isEntered ? 1 : 0);
        }
    }

    private void Remap(ShadowDriver left, ShadowDriver right, Random random)
    {
        while (!IsOver)
        {
            int first = random.Next(TotalPages);
            int count = 1 + random.Next(Math.Min(4, TotalPages - first));
            Assert.Equal(HmmStatus.Success, _world.Space.Unmap(MirrorWorld.Pages(first, count)));
            CheckForgotten(left, right, first, count);
            _world.Map(first, count);
            Interlocked.Increment(ref _changes);
            Thread.Sleep(random.Next(2));
        }
    }

    // Invalidations that stay in flight for a while and may be refused.
    private void Announce(ShadowDriver left, ShadowDriver right, Random random)
    {
        while (!IsOver)
        {
            int first = random.Next(TotalPages);
            left.Refuses = random.Next(2) == 0;
            MmuNotifierRange change = MirrorWorld.Change(first, 1, isBlockable: random.Next(2) == 0);
            if (_world.Space.Notifiers.InvalidateRangeStart(in change) == HmmStatus.Success)
            {
                CheckForgotten(left, right, first, 1);
                Thread.Sleep(random.Next(2));
                CheckForgotten(left, right, first, 1);
                _world.Space.Notifiers.InvalidateRangeEnd(in change);
            }

            Interlocked.Increment(ref _changes);
        }
    }

    // After an unmapping the pages are holes until this thread maps them again; during an announced change they must stay forgotten.
    private void CheckForgotten(ShadowDriver left, ShadowDriver right, int first, int count)
    {
        for (int page = first; page < first + count; page++)
        {
            int seen = page;
            if (page < 16)
            {
                left.Use(page, word => _ = word == 0 ? true : Violate($"Page {seen} is still in the left device."));
            }

            if (page >= 8)
            {
                right.Use(page - 8, word => _ = word == 0 ? true : Violate($"Page {seen} is still in the right device."));
            }
        }
    }

    private bool Violate(string what)
    {
        _violations.Enqueue(what);
        return false;
    }
}
