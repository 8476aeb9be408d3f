using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;
using Hmm.Simulation.Stress;

namespace Hmm.Stress;

/// <summary>Looks again and again whether the RAM limit is kept, as the kernel counts: the size of the frames' file, and what is mapped of it in /proc/self/smaps.</summary>
/// <remarks>Thread-safe as <see cref="IStressThread"/>. A tenth of the limit is the slack that <c>docs/live-memory.md</c> allows.</remarks>
internal sealed class ResidentWatch : IStressThread
{
    private const int PeriodMilliseconds = 20;

    /// <summary>Looks at the file's size to one at the mappings, which takes longer and stops changes of mappings meanwhile.</summary>
    private const int LooksPerScan = 10;

    private readonly LiveStressWorld _world;
    private readonly Thread _thread;
    private readonly long _most;
    private long _progress;
    private long _highest;

    public ResidentWatch(LiveStressWorld world)
    {
        _world = world;
        _most = world.RamLimit + (world.RamLimit / 10);
        _thread = new Thread(Work) { IsBackground = true, Name = "stress limit" };
    }

    /// <inheritdoc/>
    public long Progress => Volatile.Read(ref _progress);

    /// <summary>The most bytes that were resident.</summary>
    public long Highest => Volatile.Read(ref _highest);

    /// <inheritdoc/>
    public void Start() => _thread.Start();

    /// <inheritdoc/>
    public bool Join(TimeSpan timeout) => _thread.Join(timeout);

    /// <inheritdoc/>
    public string Describe() => "the thread that watches the RAM limit; " + ThreadStates.Describe("stress limit");

    private void Work()
    {
        try
        {
            while (!_world.IsOver)
            {
                Judge(_world.Space.Statistics.ResidentBytes, "the file of frames takes");
                if (_progress % LooksPerScan == 0)
                {
                    Judge(MappedBytes(), "mappings show");
                }

                Volatile.Write(ref _progress, _progress + 1);
                Thread.Sleep(PeriodMilliseconds);
            }
        }
        catch (Exception failure)
        {
            _world.Log.Add("exception", $"watching the RAM limit: {failure}");
        }
    }

    private void Judge(long resident, string what)
    {
        Volatile.Write(ref _highest, long.Max(_highest, resident));
        if (resident > _most)
        {
            _world.Log.Add("ram-limit", string.Create(
                CultureInfo.InvariantCulture, $"{what} {resident} bytes of RAM, and the limit is {_world.RamLimit}, {_most} with its slack"));
        }
    }

    private long MappedBytes()
    {
        List<(ulong Start, ulong End)> ranges = [];
        foreach (LiveRegion region in _world.Regions)
        {
            ranges.Add(((ulong)region.Start, (ulong)region.AddressOf(region.Count)));
            ranges.Add(((ulong)region.AsideOf(0), (ulong)region.AsideOf(region.Count)));
        }

        ranges.Add(((ulong)_world.Archive.AddressOf(0), (ulong)_world.Archive.AddressOf(_world.Archive.Count)));
        return SumOf(ranges);
    }

    private static long SumOf(List<(ulong Start, ulong End)> ranges)
    {
        long bytes = 0;
        bool isOurs = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            int dash = line.IndexOf('-', StringComparison.Ordinal);
            if (dash is > 0 and <= 16 && ulong.TryParse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong start))
            {
                isOurs = ranges.Exists(range => start >= range.Start && start < range.End);
            }
            else if (isOurs && line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                bytes += long.Parse(line.AsSpan(4, line.Length - 6).Trim(), CultureInfo.InvariantCulture) << 10;
            }
        }

        return bytes;
    }
}
