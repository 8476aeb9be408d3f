using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.PageTables;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>Shared virtual memory: devices, the address spaces that they share with CPUs, and the driver between them, as one profile says.</summary>
/// <remarks>
/// <para>Lock order: the service lock of a device, the address-space lock, then either the device's own lock or the state lock, then the residence lock. The
/// engine is never called under the last four, nor a policy outside the state lock.</para>
/// <para>Thread-safe: devices are served by one thread each; CPU faults and invalidations come from any thread.</para>
/// </remarks>
public sealed class SvmSystem
{
    [ThreadStatic]
    private static AccessKind t_cpuKind;

    private volatile AccessKind _cpuKind = AccessKind.Read;

    /// <summary>A copy when one is attached: who looks one up takes no lock.</summary>
    private volatile SvmSpace[] _spaces = [];

    /// <summary>Makes the devices.</summary>
    /// <param name="memory">The engine.</param>
    /// <param name="options">The profile, the devices and all else.</param>
    /// <exception cref="FormatException">Options that make no sense; the message is a sentence for the user.</exception>
    public SvmSystem(MemorySystem memory, ReplayOptions options)
    {
        // Whoever makes a system has said nothing of it yet.
        t_cpuKind = default;
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(options);
        Memory = memory;
        Options = options;
        ConfigurationCheck.Check(options);
        Policies = new PolicySet(options.Profile, options.Catalog, options.Policies, options.DeviceMemoryBytes / PageConstants.PageSize);
        Topology = new AgentTopology(options.Devices);
        Ledger = new MoveLedger(options.Devices + 1);
        Report = new ReplayReport
        {
            Profile = options.Profile.Name,
            Policies = options.Policies,
            DeviceMemoryBytes = options.DeviceMemoryBytes,
        };
        WantsDecisions = options.Observer?.WantsDecisions ?? false;
        var devices = new SvmDevice[options.Devices];
        for (int i = 0; i < devices.Length; i++)
        {
            devices[i] = new SvmDevice(this, i + Agents.FirstDevice);
        }

        DeviceArray = devices;
    }

    /// <summary>The engine.</summary>
    public MemorySystem Memory { get; }

    /// <summary>What it was made of.</summary>
    public ReplayOptions Options { get; }

    /// <summary>The driver.</summary>
    public DriverProfile Profile => Options.Profile;

    /// <summary>The policies.</summary>
    public PolicySet Policies { get; }

    /// <summary>Who reaches whose memory.</summary>
    public AgentTopology Topology { get; }

    /// <summary>Modelled time.</summary>
    public ModelClock Clock { get; } = new();

    /// <summary>The devices; the first is agent 1.</summary>
    public IReadOnlyList<SvmDevice> Devices => DeviceArray;

    /// <summary>Comes in between, or null.</summary>
    public IServiceHooks? Hooks { get; set; }

    /// <summary>The same, for loops that must not allocate.</summary>
    internal SvmDevice[] DeviceArray { get; }

    internal ReplayReport Report { get; }

    internal MoveLedger Ledger { get; }

    internal bool WantsDecisions { get; }

    /// <summary>What the CPU is doing, where somebody says so: an engine's fault does not tell a driver.</summary>
    /// <remarks>What this thread has said; on a thread that serves faults for others and has said nothing, what was said last.</remarks>
    internal AccessKind CpuKind
    {
        get => t_cpuKind == AccessKind.Prefetch ? _cpuKind : t_cpuKind;
        set => t_cpuKind = _cpuKind = value;
    }

    /// <summary>Policies, clock, counters and what blocks say beside residence.</summary>
    internal Lock StateLock { get; } = new();

    internal CostModel Costs => Options.Costs;

    /// <summary>Lets devices share an address space.</summary>
    /// <param name="space">The address space.</param>
    /// <returns>What the driver knows of it.</returns>
    public SvmSpace Attach(AddressSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        lock (StateLock)
        {
            SvmSpace attached = new(space, _spaces.Length, DeviceArray.Length);
            _spaces = [.. _spaces, attached];
            return attached;
        }
    }

    /// <summary>An attached space by its number.</summary>
    /// <param name="index">The number.</param>
    /// <returns>The space.</returns>
    public SvmSpace SpaceAt(int index) => _spaces[index];

    /// <summary>Says where the program wants pages to live, in whole blocks of 2 MiB. Unmapping a whole block takes it back.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="range">Addresses; every block that it touches is meant.</param>
    /// <param name="location">An agent, or <see cref="Agents.None"/> to take the wish back.</param>
    public void SetPreferredLocation(SvmSpace space, VirtualRange range, int location) => EachBlock(space, range, block => block.PreferredLocation = location);

    /// <summary>Says who shall be able to use pages where they are. Unmapping a whole block takes it back.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="range">As for <see cref="SetPreferredLocation"/>.</param>
    /// <param name="agents">A mask of agents.</param>
    public void SetAccessedBy(SvmSpace space, VirtualRange range, uint agents) => EachBlock(space, range, block => block.AccessedBy = agents);

    /// <summary>What has happened so far.</summary>
    /// <returns>A report that later events do not change.</returns>
    public ReplayReport ReadReport()
    {
        lock (StateLock)
        {
            Report.Moves = Ledger.Read();
            Report.DeviceHits = 0;
            Report.Overflows = 0;
            foreach (SvmDevice device in DeviceArray)
            {
                Report.DeviceHits += device.Hits;
                Report.Overflows += device.Gpu.Faults.Overflows;
            }

            Report.Time.Total = Clock.Now;
            return Report with
            {
                DeviceFaults = Report.DeviceFaults with { },
                CpuFaults = Report.CpuFaults with { },
                Time = Report.Time with { },
            };
        }
    }

    /// <summary>Waits for the devices, and reports what a program's accesses led to.</summary>
    internal ReplayReport Finish(AccessMeter meter)
    {
        foreach (SvmDevice device in DeviceArray)
        {
            device.Service.ServeUntilIdle();
            device.Migration.WaitForCopies();
        }

        Report.Accesses = meter.Accesses;
        Report.CpuAccesses = meter.CpuAccesses;
        Report.PagesTouched = meter.PagesTouched;
        return ReadReport();
    }

    /// <summary>Where a page lives now.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="page">Address divided by 4096.</param>
    /// <returns>An agent, or <see cref="Agents.None"/> for nowhere: never touched, or in swap.</returns>
    public int ResidenceOf(SvmSpace space, ulong page)
    {
        ArgumentNullException.ThrowIfNull(space);
        Pte entry = space.Space.ReadEntry(VirtualAddress.FromPage(page));
        if (entry.IsPresent || entry.IsDeviceExclusive)
        {
            return Agents.Cpu;
        }

        return entry.IsDevicePrivate && Memory.DeviceOwner(entry.Pfn) is SvmDevice device ? device.Agent : Agents.None;
    }

    internal void Explain(string kind, int agent, int space, ulong page, in Reason reason)
    {
        if (WantsDecisions)
        {
            Options.Observer!.Decided(new DecisionPlace(kind, agent, space, page, Clock.Now), reason);
        }
    }

    /// <summary>Counts a move, and tells those who want to know. Under the state lock.</summary>
    internal void NoteMove(in ResidencyEvent change)
    {
        int pages = change.Pages.Count;
        if (pages == 0)
        {
            return;
        }

        Ledger.Add(change.From, change.To, change.Cause, pages);
        Policies.Thrash.Note(change);
        Options.Observer?.Moved(change);
    }

    /// <summary>Takes away what maps pages from afar whose pins have ended. Hold no lock but a service lock.</summary>
    internal void Unpin()
    {
        while (true)
        {
            SvmSpace space;
            ulong page;
            lock (StateLock)
            {
                if (!Policies.Thrash.TryUnpin(Clock.Now, out int index, out ulong number, out int offset))
                {
                    return;
                }

                space = _spaces[index];
                SvmBlock block = space.BlockAt(number);
                page = block.FirstPage + (ulong)offset;
                if (block.Pins != null)
                {
                    block.Pins[offset] = 0;
                }
            }

            foreach (SvmDevice device in DeviceArray)
            {
                if (device.ChannelAt(space.Index) is { } channel)
                {
                    lock (device.Gpu.Lock)
                    {
                        channel.Erase(page, 1);
                    }
                }
            }
        }
    }

    /// <summary>A mapping is gone, or a part of one: what the driver and its policies know of its pages is void.</summary>
    internal void NoteUnmapped(SvmSpace space, VirtualRange range)
    {
        ulong first = range.Start.PageNumber;
        ulong end = range.End.PageNumber + (range.End.IsPageAligned ? 0UL : 1UL);
        lock (StateLock)
        {
            foreach (SvmBlock block in space.BlocksIn(first >> GpuEntry.HugeOrder, (end + PageMask.Pages - 1) >> GpuEntry.HugeOrder))
            {
                int from = (int)(Math.Max(first, block.FirstPage) - block.FirstPage);
                int to = (int)Math.Min(end - block.FirstPage, PageMask.Pages);
                PageMask pages = PageMask.Range(from, to - from);
                block.Forget(pages);
                Policies.Thrash.Note(new ResidencyEvent
                {
                    Change = ResidencyChange.Unmapped,
                    Space = space.Index,
                    Block = block.Number,
                    Pages = pages,
                    From = Agents.None,
                    To = Agents.None,
                    Time = Clock.Now,
                });
            }
        }
    }

    private void EachBlock(SvmSpace space, VirtualRange range, Action<SvmBlock> set)
    {
        ArgumentNullException.ThrowIfNull(space);
        lock (StateLock)
        {
            for (ulong block = range.Start.Value >> PageConstants.PmdShift; block << PageConstants.PmdShift < range.End.Value; block++)
            {
                set(space.BlockAt(block));
            }
        }
    }
}
