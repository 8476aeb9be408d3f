using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Mirroring;
using Hmm.Core.Notifiers;
using Hmm.Simulation;

namespace Hmm.Cli.Benchmarks;

/// <summary>Device faults from miss to commit, page by page; nanoseconds a fault.</summary>
/// <remarks>The baseline is the CPU's own first touch of the same page: a device fault does the same and mirrors it. With two threads each has its
/// own device page table and its own half of one address space.</remarks>
internal sealed class FaultBench(CancellationToken cancellation)
{
    private const int Pages = 1 << 14;
    private const int Runs = 31;
    private static readonly VirtualAddress Start = new(1UL << 32);

    public IReadOnlyList<BenchResult> Run()
    {
        List<BenchResult> results = [];
        foreach (int threads in (int[])[1, 2])
        {
            results.Add(Measure(threads, write: true));
            results.Add(Measure(threads, write: false));
        }

        foreach (int pages in (int[])[1 << 10, 1 << 12, Pages])
        {
            results.Add(MeasureReplacing(pages));
        }

        return results;
    }

    /// <summary>One call for all of a range that maps the zero page: each page is replaced, and collides with the walk.</summary>
    private BenchResult MeasureReplacing(int pages)
    {
        using SimulatedMachine machine = new();
        AddressSpace space = machine.CreateProcess();
        VirtualRange range = VirtualRange.FromPages(Start, (ulong)pages);
        space.MapAnonymous(range, Protection.Read | Protection.Write);
        Device device = new(space, range, write: true);
        (double time, double baseline) = Stopclock.CompareTimed(
            () => TimeReplacing(device.FaultTogether), () => TimeReplacing(device.TouchAll), Runs, cancellation);
        space.Exit();
        string name = string.Create(CultureInfo.InvariantCulture, $"device write faults that replace {pages:N0} zero pages in one call");
        return BenchResult.Of(name, time / pages, baseline / pages) with
        {
            IsRate = true,
        };

        double TimeReplacing(Action action)
        {
            Span<byte> one = stackalloc byte[1];
            for (int page = 0; page < pages; page++)
            {
                space.Read(Start.AddPages(page), one);
            }

            double replacing = Stopclock.Time(action);
            space.Advise(range, MemoryAdvice.DontNeed, out _);
            return replacing;
        }
    }

    private BenchResult Measure(int threads, bool write)
    {
        using SimulatedMachine machine = new();
        AddressSpace space = machine.CreateProcess();
        VirtualRange range = VirtualRange.FromPages(Start, Pages);
        space.MapAnonymous(range, Protection.Read | Protection.Write);
        var devices = new Device[threads];
        for (int i = 0; i < threads; i++)
        {
            devices[i] = new Device(space, VirtualRange.FromPages(Start.AddPages(i * (Pages / threads)), (ulong)(Pages / threads)), write);
        }

        (double time, double baseline) = Stopclock.CompareTimed(
            () => TimeAndDrop(devices, device => device.FaultAll(), space, range),
            () => TimeAndDrop(devices, device => device.TouchAll(), space, range),
            Runs,
            cancellation);
        space.Exit();
        string name = string.Create(CultureInfo.InvariantCulture, $"device {(write ? "write" : "read")} faults of untouched pages, {threads} thread(s)");
        return BenchResult.Of(name, time / Pages, baseline / Pages) with { IsRate = true };
    }

    private static double TimeAndDrop(Device[] devices, Action<Device> action, AddressSpace space, VirtualRange range)
    {
        double time = Stopclock.Time(() =>
        {
            var others = new Thread[devices.Length - 1];
            for (int i = 0; i < others.Length; i++)
            {
                Device device = devices[i + 1];
                others[i] = new Thread(() => action(device));
                others[i].Start();
            }

            action(devices[0]);
            foreach (Thread other in others)
            {
                other.Join();
            }
        });
        space.Advise(range, MemoryAdvice.DontNeed, out _);
        return Array.TrueForAll(devices, device => device.IsEmpty)
            ? time : throw new InvalidOperationException("The benchmark's devices must begin each run with nothing.");
    }

    private sealed class Device : IMmuIntervalNotifierOps, IMirrorDriver
    {
        private readonly Lock _lock = new();
        private readonly MmuIntervalNotifier _notifier;
        private readonly AddressSpace _space;
        private readonly VirtualRange _range;
        private readonly ulong[] _table;
        private readonly ulong[] _words;
        private readonly bool _write;

        public Device(AddressSpace space, VirtualRange range, bool write)
        {
            _space = space;
            _range = range;
            _write = write;
            _table = new ulong[range.PageCount];
            _words = new ulong[range.PageCount];
            _notifier = new MmuIntervalNotifier(this);
            _notifier.Insert(space.Notifiers, range.Start, range.LengthBytes);
        }

        public bool IsEmpty => _table.AsSpan().IndexOfAnyExcept(0UL) < 0;

        public void FaultAll()
        {
            Span<ulong> word = stackalloc ulong[1];
            Device driver = this;
            for (int i = 0; i < _table.Length; i++)
            {
                if (_table[i] != 0)
                {
                    continue;
                }

                HmmRange request = new()
                {
                    Space = _space,
                    Notifier = _notifier,
                    Range = VirtualRange.FromPages(_range.Start.AddPages(i), 1),
                    Pfns = word,
                    DefaultFlags = (ulong)(HmmPfnFlags.RequestFault | (_write ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None)),
                    Profile = FaultProfile.Exact,
                };
                if (!MirrorFault.Run<Linux2020, Device>(ref request, ref driver, RetryBudget.Default).IsCommitted)
                {
                    throw new InvalidOperationException("The benchmark's faults must all be committed.");
                }
            }
        }

        public void FaultTogether()
        {
            Device driver = this;
            HmmRange request = new()
            {
                Space = _space,
                Notifier = _notifier,
                Range = _range,
                Pfns = _words,
                DefaultFlags = (ulong)(HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite),
            };
            if (!MirrorFault.Run<Linux2020, Device>(ref request, ref driver, RetryBudget.Default).IsCommitted)
            {
                throw new InvalidOperationException("The benchmark's faults must all be committed.");
            }
        }

        public void TouchAll()
        {
            Span<byte> one = stackalloc byte[1];
            for (int i = 0; i < _table.Length; i++)
            {
                if (_write)
                {
                    _space.Write(_range.Start.AddPages(i), one);
                }
                else
                {
                    _space.Read(_range.Start.AddPages(i), one);
                }
            }
        }

        public void EnterLock() => _lock.Enter();

        public void ExitLock() => _lock.Exit();

        public void Commit(VirtualRange range, ReadOnlySpan<ulong> words, ReadOnlySpan<PageObstacle> obstacles) =>
            words.CopyTo(_table.AsSpan((int)(range.Start.PageNumber - _range.Start.PageNumber)));

        bool IMmuIntervalNotifierOps.Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence)
        {
            lock (_lock)
            {
                subscription.SetSequence(sequence);
                ulong first = Math.Max(range.Range.Start.PageNumber, _range.Start.PageNumber) - _range.Start.PageNumber;
                ulong end = Math.Min(range.Range.End.PageNumber, _range.End.PageNumber) - _range.Start.PageNumber;
                _table.AsSpan((int)first, (int)(end - first)).Clear();
            }

            return true;
        }
    }
}
