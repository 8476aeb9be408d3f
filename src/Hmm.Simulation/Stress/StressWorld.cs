using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Core.Frames;
using Hmm.Core.Locking;
using Hmm.Core.Mirroring;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Simulation.Stress;

/// <summary>What all stress threads share: a machine, two processes that have pages in common, mirror drivers of every generation, and the truth.</summary>
internal sealed class StressWorld : IDisposable
{
    private const ulong HugeAt = 1UL << 32;
    private const ulong PrivateAt = HugeAt + (1UL << 30);
    private const ulong SharedAt = PrivateAt + (1UL << 21);
    private const ulong FileAt = SharedAt + (1UL << 21);
    private const int PrivatePages = 32;
    private const int HugeKnownPages = 16;
    private const int SharedPages = 16;
    private const int FilePages = 16;
    private const int RegionsPerProcess = 4;
    private const ulong DevicePages = 48;

    /// <summary>More than everything together ever needs, so that memory is out only when a thread says so; and little enough to be taken whole.</summary>
    private const int SystemPages = 12 * 1024;
    private const int SystemPagesPerThread = 1024;

    /// <summary>Failed frames stay lost, so there must be an end to them.</summary>
    private const int FailuresMax = 512;

    private readonly List<StressMirror> _mirrors = [];
    private int _shortage;
    private int _failures;
    private volatile bool _isOver;

    public StressWorld(StressOptions options)
    {
        Bug = options.Bug;
        Writers = options.Threads;
        Machine = new SimulatedMachine(new SimulatedMachineOptions(
            MemoryBytes: (ulong)(SystemPages + (SystemPagesPerThread * options.Threads)) * PageConstants.PageSize,
            DeviceMemoryBytes: DevicePages * PageConstants.PageSize));
        Machine.Memory.Allocator.Poison = new FramePoison(
            Machine.Memory.Frames, pfn => Log.Add("freed-frame", $"{pfn} was written to while it was free"));
        Device = new StressDevice(this, DevicePages);
        MakeProcesses(options.Threads);
        foreach (AddressSpace space in Spaces)
        {
            TestMirrors.Add([Machine.Devices[0].Open(space), Machine.Devices[1].Open(space)]);
        }

        MakeMirrors();
        foreach (AddressSpace space in Spaces)
        {
            space.Notifiers.Observer = new StaleEntryObserver(_mirrors.FindAll(mirror => mirror.Region.Space == space));
        }
    }

    public StressBug Bug { get; }

    /// <summary>How many threads write.</summary>
    public int Writers { get; }

    public ViolationLog Log { get; } = new();

    public SimulatedMachine Machine { get; }

    public StressDevice Device { get; }

    public List<AddressSpace> Spaces { get; } = [];

    public List<StressRegion> Regions { get; } = [];

    /// <summary>Test mirrors: by process, then by device.</summary>
    public List<TestMirror[]> TestMirrors { get; } = [];

    public IReadOnlyList<StressMirror> Mirrors => _mirrors;

    /// <summary>Held by who takes all memory.</summary>
    public Lock ShortageLock { get; } = new();

    /// <summary>Odd while memory is, or may be, out.</summary>
    public int Shortage => Volatile.Read(ref _shortage);

    /// <summary>Whether threads should end: time is up, or something was found.</summary>
    public bool IsOver => _isOver || !Log.IsEmpty;

    public void Stop() => _isOver = true;

    public void StepShortage() => Interlocked.Increment(ref _shortage);

    /// <summary>Reports it if the calling thread breaks the lock order, by this name.</summary>
    public void WatchThisThread(string name) =>
        LockOrder.Current.Violated = violation => Log.Add("lock-order", $"{name} {violation}\n{Environment.StackTrace}");

    /// <summary>Asks to let a frame fail; false if enough have.</summary>
    public bool TryFail() => Interlocked.Increment(ref _failures) <= FailuresMax;

    /// <summary>When all threads have ended: nothing may be left in a wrong state, and after the processes nothing at all.</summary>
    public void CheckAtRest()
    {
        foreach (StressMirror mirror in _mirrors)
        {
            mirror.Dispose();
        }

        List<InvariantViolation> found = [];
        MemoryChecker.Check(Machine.Memory, Spaces, found);
        foreach (TestMirrorDevice device in Machine.Devices)
        {
            MirrorChecker.Check(device, found);
        }

        foreach (AddressSpace space in Spaces)
        {
            space.Exit();
        }

        if (found.Count == 0)
        {
            MemoryChecker.CheckNothingLeft(Machine.Memory, found);
        }

        foreach (InvariantViolation violation in found)
        {
            Log.Add(violation.Invariant, violation.Message);
        }
    }

    public void Dispose() => Machine.Dispose();

    private void MakeProcesses(int writers)
    {
        AddressSpace parent = Machine.CreateProcess();
        const Protection both = Protection.Read | Protection.Write;
        StressContent shared = new(0, SharedPages, writers, isShared: true);
        int id = SharedPages;
        parent.MapAnonymous(VirtualRange.FromPages(new VirtualAddress(HugeAt), PageConstants.HugePages), both);
        parent.MapAnonymous(VirtualRange.FromPages(new VirtualAddress(PrivateAt), PrivatePages), both);
        parent.MapSharedAnonymous(VirtualRange.FromPages(new VirtualAddress(SharedAt), SharedPages), both);
        parent.MapFile(VirtualRange.FromPages(new VirtualAddress(FileAt), FilePages), both, isShared: false, new StressFile(0));
        // Touched before the fork, so that the processes have pages in common and copy them when they write.
        Span<byte> zero = stackalloc byte[1];
        for (int page = 0; page < PageConstants.HugePages; page++)
        {
            parent.Write(new VirtualAddress(HugeAt).AddPages(page), zero);
            parent.Write(new VirtualAddress(PrivateAt).AddPages(page % PrivatePages), zero);
        }

        if (parent.Fork(out AddressSpace? child) != HmmStatus.Success || child == null)
        {
            throw new InvalidOperationException("The second process could not be made.");
        }

        Spaces.AddRange([parent, child]);
        string[] names = ["first", "second"];
        for (int i = 0; i < Spaces.Count; i++)
        {
            string of = $"memory of the {names[i]} process";
            Regions.Add(new StressRegion("private " + of, Spaces[i], PrivateAt, 1, new StressContent(id, PrivatePages, writers, isShared: false)));
            id += PrivatePages;
            int stride = PageConstants.HugePages / HugeKnownPages;
            Regions.Add(new StressRegion("huge " + of, Spaces[i], HugeAt, stride, new StressContent(id, HugeKnownPages, writers, isShared: false)));
            id += HugeKnownPages;
            Regions.Add(new StressRegion("shared " + of, Spaces[i], SharedAt, 1, shared));
            // Until somebody writes, both see the same pages of the file; what each writes is its own.
            Regions.Add(new StressRegion("file " + of, Spaces[i], FileAt, 1, new StressContent(id, FilePages, writers, isShared: false), isFile: true));
            id += FilePages;
        }
    }

    // Every generation on each kind of memory, different formats on one address space.
    private void MakeMirrors()
    {
        for (int i = 0; i < Regions.Count; i += RegionsPerProcess)
        {
            (StressRegion own, StressRegion huge, StressRegion shared, StressRegion file) = (Regions[i], Regions[i + 1], Regions[i + 2], Regions[i + 3]);
            _mirrors.Add(new LoopMirror<Linux2020>(this, own, null, FaultProfile.Linux612));
            _mirrors.Add(new LoopMirror<Linux2020>(this, own, Device, FaultProfile.Exact));
            _mirrors.Add(new CallMirror<Nouveau>(this, own, null));
            _mirrors.Add(new LoopMirror<Nouveau>(this, huge, null, FaultProfile.Linux612));
            _mirrors.Add(new CallMirror<Linux2020>(this, huge, Device));
            _mirrors.Add(new LoopMirror<Linux2020>(this, shared, Machine.Devices[0], FaultProfile.Linux612));
            _mirrors.Add(new CallMirror<Nouveau>(this, shared, null));
            // Those that own device memory find its addresses in their words.
            _mirrors.Add(new LoopMirror<Nouveau>(this, own, Device, FaultProfile.Exact));
            _mirrors.Add(new CallMirror<Amdgpu>(this, huge, Device));
            _mirrors.Add(new LoopMirror<Linux2018<StressFormat2018>>(this, own, Device, FaultProfile.Linux612));
            _mirrors.Add(new CallMirror<X64>(this, shared, null));
            _mirrors.Add(new LoopMirror<X64>(this, file, null, FaultProfile.Linux612));
            _mirrors.Add(new CallMirror<Linux2018<StressFormat2018>>(this, file, Device));
            if (i == 0)
            {
                // Only in one process, and in the other while they visit: invalidations that nobody has to be told of end in another way.
                _mirrors.Add(new RangeMirror<Linux2020>(this, own, Machine.Devices[0]));
                _mirrors.Add(new RangeMirror<Nouveau>(this, shared, null));
                _mirrors.Add(new RangeMirror<Amdgpu>(this, file, Device));
            }
        }
    }
}
