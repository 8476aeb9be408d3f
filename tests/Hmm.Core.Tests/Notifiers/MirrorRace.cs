using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;
using static Hmm.Core.Tests.Notifiers.RecordingDriver;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>
/// Real threads: two that mirror pages, two that change them, one that comes and goes as a subscriber. It ends at the first
/// violation, or when the time or the number of reads is used up; on a busy machine later, when enough has happened.
/// </summary>
internal sealed class MirrorRace
{
    private const int TablePages = 48;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly MmuNotifierSubscriptions _space = new();
    private readonly long[] _table = new long[TablePages];
    private readonly RacingMirror[] _mirrors;
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly TimeSpan _time;
    private readonly int _maxReads;
    private readonly int _seed;
    private readonly Stopwatch _clock = new();
    private long _versions = 1;
    private int _reads;
    private int _commits;
    private int _invalidations;
    private int _comings;

    public MirrorRace(PlantedBug bug, TimeSpan time, int maxReads, int seed)
    {
        (_time, _maxReads, _seed) = (time, maxReads, seed);
        _mirrors = [new(0, 32, bug), new(16, 32, bug)];
        Array.Fill(_table, 1);
    }

    public IReadOnlyCollection<string> Violations => _violations;

    public int Commits => Volatile.Read(ref _commits);

    public int Invalidations => Volatile.Read(ref _invalidations);

    public int Comings => Volatile.Read(ref _comings);

    /// <summary>Whether enough has happened for the result to say something.</summary>
    public bool IsLively => Commits > 100 && Invalidations > 100 && Comings > 20;

    public int Reads => Volatile.Read(ref _reads);

    private bool IsOver => !_violations.IsEmpty || Reads > _maxReads || (_clock.Elapsed > _time && (IsLively || _clock.Elapsed > Patience));

    public void Run()
    {
        _clock.Start();
        Thread[] threads =
        [
            Go(0, random => Mirror(_mirrors[0], random)),
            Go(1, random => Mirror(_mirrors[1], random)),
            Go(2, Change),
            Go(3, Change),
            Go(4, ComeAndGo),
        ];
        foreach (Thread thread in threads)
        {
            if (!thread.Join(_time + (2 * Patience)))
            {
                Report($"thread {thread.Name} never woke");
            }
        }

        foreach (RacingMirror mirror in _mirrors)
        {
            mirror.AssertMirrors(_table, Report);
        }

        if (_space.IsInvalidating || _space.ActiveInvalidations != 0 || _space.TreeCount != 0)
        {
            Report("the notifiers are not at rest");
        }
    }

    private Thread Go(int number, Action<Random> work)
    {
        var thread = new Thread(() =>
        {
            try
            {
                work(new Random(_seed + number));
            }
            catch (Exception failure) when (failure is InvalidOperationException or Xunit.Sdk.XunitException)
            {
                Report(failure.ToString());
            }
        })
        { IsBackground = true, Name = number.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        thread.Start();
        return thread;
    }

    private void Report(string violation) => _violations.Enqueue($"seed {_seed}: {violation}");

    private void Mirror(RacingMirror mirror, Random random)
    {
        MmuIntervalNotifier subscription = mirror.Subscribe(_space);
        while (!IsOver)
        {
            Interlocked.Increment(ref _reads);
            int page = random.Next(mirror.FirstPage, mirror.EndPage);
            if (mirror.TryMirror(subscription, _table, page, Report))
            {
                Interlocked.Increment(ref _commits);
            }
        }

        subscription.Remove();
    }

    private void Change(Random random)
    {
        while (!IsOver)
        {
            int first = random.Next(TablePages);
            int pages = 1 + random.Next(Math.Min(8, TablePages - first));
            MmuNotifierRange range = Pages((ulong)first, (ulong)pages, isBlockable: random.Next(4) != 0);
            if (_space.InvalidateRangeStart(in range) == HmmStatus.Success)
            {
                CheckForgotten(first, first + pages);
                for (int page = first; page < first + pages; page++)
                {
                    Volatile.Write(ref _table[page], Interlocked.Increment(ref _versions));
                }

                Pause(random);
                CheckForgotten(first, first + pages);
                _space.InvalidateRangeEnd(in range);
                Interlocked.Increment(ref _invalidations);
            }

            Pause(random);
        }
    }

    private void ComeAndGo(Random random)
    {
        while (!IsOver)
        {
            var visitor = new Visitor(Report);
            var subscription = new MmuIntervalNotifier(visitor);
            int first = random.Next(TablePages - 8);
            Xunit.Assert.Equal(
                HmmStatus.Success,
                subscription.Insert(_space, VirtualAddress.FromPage((ulong)first), 8 * PageConstants.PageSize));
            if (random.Next(2) == 0)
            {
                ulong sequence = subscription.ReadBegin();
                if (sequence == 0 || (sequence & 1) == 0)
                {
                    Report("a visitor's number is not odd");
                }
            }

            Pause(random);
            subscription.Remove();
            visitor.Leave();
            Interlocked.Increment(ref _comings);
        }
    }

    private void CheckForgotten(int first, int end)
    {
        foreach (RacingMirror mirror in _mirrors)
        {
            mirror.AssertForgotten(first, end, Report);
        }
    }

    private static void Pause(Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                Thread.Yield();
                break;
            case 1:
                Thread.SpinWait(random.Next(200));
                break;
            case 2:
                Thread.Sleep(0);
                break;
            default:
                break;
        }
    }

    /// <summary>A subscriber that must not be called once it has left (NTF-08).</summary>
    private sealed class Visitor(Action<string> report) : IMmuIntervalNotifierOps
    {
        private int _running;
        private volatile bool _hasLeft;

        public bool Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
        {
            Interlocked.Increment(ref _running);
            subscription.SetSequence(sequence);
            Thread.Yield();
            if (_hasLeft)
            {
                report("a callback ran after its removal");
            }

            Interlocked.Decrement(ref _running);
            return true;
        }

        public void Leave()
        {
            _hasLeft = true;
            if (Volatile.Read(ref _running) != 0)
            {
                report("a removal returned while its callback ran");
            }
        }
    }
}
