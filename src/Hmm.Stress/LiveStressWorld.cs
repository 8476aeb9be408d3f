using System;
using System.IO;
using Hmm.Core.Addressing;
using Hmm.Linux;
using Hmm.Live;
using Hmm.Live.Interop;
using Hmm.Pager.Exports;
using Hmm.Simulation.Stress;

namespace Hmm.Stress;

/// <summary>What all threads of a live run share: a space under a small RAM limit, its devices, memory of known content, and the truth about it.</summary>
/// <remarks>Thread-safe, but for what is said to be done when the threads have ended.</remarks>
internal sealed class LiveStressWorld : IDisposable
{
    private const int RegionPages = 256;
    private const int CounterPages = 64;
    private const int ArchivePages = 2048;

    /// <summary>Less than what wants to go there, so that moves are refused.</summary>
    private const int RamDevicePages = 192;

    /// <summary>With a mistake planted all meet on few pages: catching it must not depend on luck.</summary>
    private const int HotPages = 8;

    private const long LimitBase = 1 << 20;
    private const long LimitPerThread = 256 << 10;

    private volatile bool _isOver;

    /// <exception cref="PlatformNotSupportedException">The host lacks something.</exception>
    public LiveStressWorld(LiveStressOptions options)
    {
        Threads = options.Threads;
        PagesMax = options.Bug == LiveStressBug.None ? int.MaxValue : HotPages;
        RamLimit = LimitBase + (LimitPerThread * options.Threads);
        LivePool file = LivePool.InDirectory(Path.GetTempPath());
        Space = LiveAddressSpace.Create(new LiveOptions { RamLimit = RamLimit, LimitPool = file, ReadAheadPages = 16, Bug = PlantedBugOf(options.Bug) });
        try
        {
            Devices = [Space.AddDevice(LivePool.InRam() with { CapacityBytes = RamDevicePages * PageConstants.PageSize }), Space.AddDevice(file), Space.LimitDevice!];
            Regions =
            [
                MakeRegion("the steady memory", 0, RegionPages, canReset: true, canChange: false),
                MakeRegion("the changing memory", 1, RegionPages, canReset: true, canChange: true),
                MakeRegion("the kept memory", 2, RegionPages, canReset: false, canChange: true),
            ];
            CounterRegion = MakeRegion("the counters", 3, CounterPages, canReset: false, canChange: true);
            Archive = new LiveArchive(Space.Map(ArchivePages * PageConstants.PageSize));
            SystemCallsWork = TrySystemCall();
        }
        catch
        {
            Space.Dispose();
            throw;
        }
    }

    public int Threads { get; }

    /// <summary>Up to which page of each mapping threads work.</summary>
    public int PagesMax { get; }

    public long RamLimit { get; }

    public LiveAddressSpace Space { get; }

    /// <summary>Two devices of which one is too small, and the one behind the RAM limit.</summary>
    public LiveDevice[] Devices { get; }

    /// <summary>Memory whose pages hold words of all threads.</summary>
    public LiveRegion[] Regions { get; }

    public LiveRegion CounterRegion { get; }

    public LiveCounters Counters { get; } = new(CounterPages);

    public LiveArchive Archive { get; }

    /// <summary>Whether the kernel may touch pages that are not there: without some permissions its accesses fail.</summary>
    public bool SystemCallsWork { get; }

    public ViolationLog Log { get; } = new();

    /// <summary>Whether threads should end: time is up, or something was found.</summary>
    public bool IsOver => _isOver || !Log.IsEmpty;

    public void Stop() => _isOver = true;

    /// <summary>The pager's rules, once the threads have ended.</summary>
    public unsafe void CheckRules() => Check(PagerApi.check, "hmm_check");

    /// <summary>Unmaps everything, and looks whether anything is left of it.</summary>
    public unsafe void CheckNothingLeft()
    {
        foreach (LiveRegion region in Regions)
        {
            region.Mapping.Dispose();
        }

        CounterRegion.Mapping.Dispose();
        Archive.Mapping.Dispose();
        Check(PagerApi.check_empty, "hmm_check_empty");
        // The zero page is the engine's own.
        if (Space.Statistics.ResidentBytes is > PageConstants.PageSize and long resident)
        {
            Log.Add("leak", $"{resident} bytes are resident, and nothing is mapped");
        }
    }

    public void Dispose() => Space.Dispose();

    private unsafe void Check(delegate* unmanaged<nint, byte*, int, int> check, string name)
    {
        byte[] text = new byte[1 << 16];
        using SpaceUse use = new(Space.Handle);
        fixed (byte* first = text)
        {
            int length = check(use.Space, first, text.Length);
            PagerApi.Check(length, name, "checking the rules of a live space");
            foreach (StressViolation violation in RuleText.Parse(text.AsSpan(0, length)))
            {
                Log.Add(violation.Rule, violation.Message);
            }
        }
    }

    private static PlantedBug PlantedBugOf(LiveStressBug bug) => bug switch
    {
        LiveStressBug.NoFlush => PlantedBug.NoFlush,
        LiveStressBug.NoSequence => PlantedBug.NoSequence,
        _ => PlantedBug.None,
    };

    private LiveRegion MakeRegion(string name, int number, int pages, bool canReset, bool canChange)
    {
        long bytes = (long)pages * PageConstants.PageSize;
        // Unmapped, but not disposed: so the addresses stay the space's.
        LiveMapping reserved = Space.Map(bytes);
        nuint aside = (nuint)reserved.Range.Start.Value;
        reserved.Unmap(0, bytes);
        return new LiveRegion(name, Space.Map(bytes), aside, number * RegionPages, PageLayout.WritersOf(Threads), canReset, canChange);
    }

    // A device has the page, so the kernel's access needs the pager.
    private bool TrySystemCall()
    {
        using MemoryFile file = MemoryFile.Create("hmm-stress", PageConstants.PageSize);
        using LiveMapping page = Space.Map(PageConstants.PageSize);
        unsafe
        {
            return file.Read(0, page.Start, PageConstants.PageSize) == PageConstants.PageSize;
        }
    }
}
