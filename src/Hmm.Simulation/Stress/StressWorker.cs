using System;
using System.Globalization;
using System.Threading;
using Hmm.Core.Locking;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Simulation.Stress;

/// <summary>A stress thread: takes one decision after the other and carries it out.</summary>
internal sealed partial class StressWorker : IStressThread
{
    private readonly StressWorld _world;
    private readonly StressGenerator _generator;
    private readonly Thread _thread;
    private readonly long[] _counts = new long[Enum.GetValues<StressOperation>().Length];
    private HeldLocks? _locks;
    private long _progress;
    private int _pauses;
    private uint _unrest;

    public StressWorker(StressWorld world, int seed, int writer)
    {
        _world = world;
        Writer = writer;
        _unrest = (uint)writer + 1;
        _generator = new StressGenerator(seed, writer);
        _thread = new Thread(Work) { IsBackground = true, Name = "stress " + writer.ToString(CultureInfo.InvariantCulture) };
    }

    /// <summary>Which word of each page is this thread's.</summary>
    public int Writer { get; }

    /// <summary>What it does now.</summary>
    public StressDecision Decision { get; private set; }

    /// <summary>How many operations, and steps of long ones, have ended.</summary>
    public long Progress => Volatile.Read(ref _progress);

    private StressRegion Region => _world.Regions[Decision.Region % _world.Regions.Count];

    public void Start() => _thread.Start();

    public bool Join(TimeSpan timeout) => _thread.Join(timeout);

    public long CountOf(StressOperation operation) => Volatile.Read(ref _counts[(int)operation]);

    /// <summary>For reports: what it does and what it waits for.</summary>
    public string Describe()
    {
        HeldLocks? locks = Volatile.Read(ref _locks);
        string waits = locks == null || !LockOrder.IsWatched ? "" : locks.Waiting == LockRank.None
            ? $", waiting for no lock, holding {locks.Describe()}" : $", waiting for {locks.Waiting}, holding {locks.Describe()}";
        return $"thread {Writer} in {Decision.Operation} on {Region.Name}{waits}";
    }

    /// <summary>A point where others may run, if the decision says so.</summary>
    public void Pause()
    {
        if (_world.Bug != StressBug.None)
        {
            PauseInBug();
            return;
        }

        StressPause.Short(Decision.Pause >> (3 * (_pauses++ % 5)));
    }

    /// <summary>A point where others run if a bug is planted: catching it must not depend on luck.</summary>
    public void PauseInBug()
    {
        if (_world.Bug == StressBug.None)
        {
            return;
        }

        if ((Decision.Pause >> (_pauses++ % 12) & 3) == 0)
        {
            StressPause.Long();
        }
        else
        {
            Thread.Yield();
        }
    }

    /// <summary>Judges what a page holds, through whatever it is seen.</summary>
    public void Judge(PageTruth truth, ReadOnlySpan<ulong> memory, string who)
    {
        int writers = _world.Writers;
        Span<ulong> done = stackalloc ulong[writers];
        Span<ulong> found = stackalloc ulong[writers];
        int era = truth.NoteDone(done);
        for (int i = 0; i < writers; i++)
        {
            found[i] = Volatile.Read(in memory[i]);
        }

        Judge(truth, found, done, truth.IsSameEra(era) ? era : -1, who);
    }

    private void Judge(PageTruth truth, ReadOnlySpan<ulong> found, ReadOnlySpan<ulong> done, int era, string who)
    {
        string? complaint = truth.Complain(found, done, era);
        if (complaint != null)
        {
            _world.Log.Add("lost-write", $"{complaint}; seen by {who}, thread {Writer}");
        }
    }

    // At locks others run now and then, sometimes for longer than any lock is held: few processors would hardly interleave otherwise.
    private void Rest()
    {
        _unrest ^= _unrest << 13;
        _unrest ^= _unrest >> 17;
        _unrest ^= _unrest << 5;
        if (_unrest % 64 == 0)
        {
            Thread.Sleep(_unrest % 4096 == 0 ? 1 : 0);
        }
    }

    private void Work()
    {
        Volatile.Write(ref _locks, LockOrder.Current);
        LockOrder.Current.Rest = Rest;
        _world.WatchThisThread($"thread {Writer}");
        try
        {
            while (!_world.IsOver)
            {
                Decision = _generator.Next();
                _pauses = 0;
                Act();
                Volatile.Write(ref _counts[(int)Decision.Operation], CountOf(Decision.Operation) + 1);
                Volatile.Write(ref _progress, _progress + 1);
                if (LockOrder.IsWatched && LockOrder.Current.HoldsFrom(LockRank.InvalidationEnd))
                {
                    _world.Log.Add("lock-order", $"{Describe()} left locks behind");
                }
            }
        }
        catch (Exception failure)
        {
            // Anything that comes out of the engine here is a violation, and the run must end.
            _world.Log.AddFailure(failure);
        }
    }

    private void Act()
    {
        StressRegion region = Region;
        int index = Decision.Page % region.Content.Count;
        int count = Math.Min(Decision.Count, region.Content.Count - index);
        switch (Decision.Operation)
        {
            case StressOperation.CpuRead:
                CpuRead(region, index);
                break;
            case StressOperation.CpuWrite:
                CpuWrite(region, index);
                break;
            case StressOperation.DeviceRead or StressOperation.DeviceWrite:
                UseMirror(Decision.Operation == StressOperation.DeviceWrite);
                break;
            case StressOperation.Visit:
                Visit(region, index);
                break;
            case StressOperation.Fork:
                Fork(region.Space);
                break;
            case StressOperation.Exit:
                ExitMirrored(region, index, count);
                break;
            case StressOperation.MigrateToDevice or StressOperation.MigrateToSystem or StressOperation.Exclusive or StressOperation.TestRead:
                UseTestMirror(region, index, count);
                break;
            case StressOperation.MigrateByDriver:
                _world.Device.MigrateIn(region.Space, region.RangeOf(index, count));
                break;
            case StressOperation.Exhaust:
                Exhaust();
                break;
            case StressOperation.Evict:
                Evict();
                break;
            default:
                Change(region, index, count);
                break;
        }
    }

    private TestMirror TestMirrorOf(StressRegion region) =>
        _world.TestMirrors[_world.Spaces.IndexOf(region.Space)][Decision.Detail % _world.Machine.Devices.Count];
}
