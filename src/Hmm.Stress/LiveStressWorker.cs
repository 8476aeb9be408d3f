using System;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Linux;
using Hmm.Live;
using Hmm.Simulation.Stress;

namespace Hmm.Stress;

/// <summary>A thread of a live stress run: takes one decision after the other and carries it out.</summary>
/// <remarks>All its touches of live memory are guarded or system calls: a refused one is a value, and one that hangs holds no garbage collection up, so that the watch
/// can say who hangs. Thread-safe as <see cref="IStressThread"/>.</remarks>
internal sealed partial class LiveStressWorker : IStressThread, IDisposable
{
    private readonly LiveStressWorld _world;
    private readonly LiveGenerator _generator;
    private readonly Thread _thread;
    private readonly long[] _counts = new long[Enum.GetValues<LiveStressOperation>().Length];
    private readonly ulong[] _page = new ulong[PageLayout.PageWords];
    private readonly ulong[] _done;
    private readonly MemoryFile _file = MemoryFile.Create("hmm-stress", PageConstants.PageSize);
    private readonly int _number;
    private LiveDecision _decision;
    private long _progress;

    public LiveStressWorker(LiveStressWorld world, int seed, int number)
    {
        _world = world;
        _number = number;
        _generator = new LiveGenerator(seed, number);
        _done = new ulong[PageLayout.WritersOf(world.Threads)];
        _thread = new Thread(Work) { IsBackground = true, Name = "stress " + number.ToString(CultureInfo.InvariantCulture) };
    }

    /// <inheritdoc/>
    public long Progress => Volatile.Read(ref _progress);

    private Span<byte> PageBytes => MemoryMarshal.AsBytes(_page.AsSpan());

    private LiveDevice Device => _world.Devices[_decision.Device % _world.Devices.Length];

    /// <inheritdoc/>
    public void Start() => _thread.Start();

    /// <inheritdoc/>
    public bool Join(TimeSpan timeout) => _thread.Join(timeout);

    public long CountOf(LiveStressOperation operation) => Volatile.Read(ref _counts[(int)operation]);

    /// <inheritdoc/>
    public string Describe()
    {
        LiveDecision decision = _decision;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"thread {_number} in {decision.Operation} (region {decision.Region}, page {decision.Page}, {decision.Count} pages, device {decision.Device}, detail {decision.Detail}); ")
            + ThreadStates.Describe("stress " + _number.ToString(CultureInfo.InvariantCulture));
    }

    public void Dispose() => _file.Dispose();

    private void Work()
    {
        try
        {
            while (!_world.IsOver)
            {
                _decision = _generator.Next();
                Act();
                Volatile.Write(ref _counts[(int)_decision.Operation], CountOf(_decision.Operation) + 1);
                Volatile.Write(ref _progress, _progress + 1);
            }
        }
        catch (Exception failure)
        {
            // Nothing here may throw: what does is a violation, and the run must end.
            _world.Log.Add("exception", $"thread {_number} in {_decision.Operation}: {failure}");
        }
    }

    private void Act()
    {
        LiveRegion region = _world.Regions[_decision.Region % _world.Regions.Length];
        int index = ChoosePage(region.Count);
        switch (_decision.Operation)
        {
            case LiveStressOperation.Load:
                Load(region, index);
                break;
            case LiveStressOperation.CopyOut or LiveStressOperation.SystemWrite or LiveStressOperation.DeviceRead:
                ReadPage(region, index);
                break;
            case LiveStressOperation.Store:
                WriteWord(region, index);
                break;
            case LiveStressOperation.CopyIn or LiveStressOperation.SystemRead:
                WriteBlock(region, index);
                break;
            case LiveStressOperation.DeviceWrite when (_decision.Detail & 1) == 0:
                WriteWord(region, index);
                break;
            case LiveStressOperation.DeviceWrite:
                WriteBlock(region, index);
                break;
            case LiveStressOperation.CpuAdd or LiveStressOperation.DeviceAdd:
                Add(ChoosePage(_world.Counters.Count));
                break;
            case LiveStressOperation.CountRead:
                ReadCounter(ChoosePage(_world.Counters.Count));
                break;
            case LiveStressOperation.Archive:
                UseArchive(_decision.Page % _world.Archive.Count);
                break;
            case LiveStressOperation.Migrate or LiveStressOperation.Evict or LiveStressOperation.Prefetch:
                Move();
                break;
            case LiveStressOperation.Exclusive:
                TakeExclusively(region, index);
                break;
            case LiveStressOperation.Map:
                MapAndGo();
                break;
            default:
                Change();
                break;
        }
    }

    private int ChoosePage(int count) => _decision.Page % int.Min(count, _world.PagesMax);

    private void Pause() => StressPause.Short(_decision.Pause);

    private void Complain(string rule, string message) => _world.Log.Add(rule, $"{message}; thread {_number} in {_decision.Operation}");
}
