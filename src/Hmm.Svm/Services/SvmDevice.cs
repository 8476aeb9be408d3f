using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Svm.Devices;
using Hmm.Svm.Profiles;

namespace Hmm.Svm.Services;

/// <summary>A device under a driver: its hardware, its memory, and its channels.</summary>
/// <remarks>Thread-safe; <see cref="Service"/> is taken by one thread at a time.</remarks>
public sealed class SvmDevice : IDevicePagemapOps
{
    private const int PageBits = 40;

    private readonly Lock _opening = new();
    private volatile SvmChannel?[] _channels = [];
    private readonly CpuFaultService _cpuFaults;

    internal SvmDevice(SvmSystem system, int agent)
    {
        System = system;
        Agent = agent;
        DriverProfile profile = system.Profile;
        CopyEngine copies = new(system.Memory, system.Costs, system.Options.HasContents);
        Gpu = new Gpu(agent, copies, new GpuOptions(profile.FaultBufferEntries, InFlight: system.Options.InFlight))
        {
            HasBusAtomics = profile.Atomics == AtomicMethod.Hardware,
        };
        CapacityPages = (long)Math.Min(system.Options.DeviceMemoryBytes / PageConstants.PageSize, long.MaxValue);
        Pagemap = new DevicePagemap(system.Memory, this, this, (ulong)CapacityPages);
        Residence = new ResidenceTable(agent);
        Migration = new BlockMigration(this);
        Mirror = new RangeMirror(this);
        Service = new FaultService(this);
        _cpuFaults = new CpuFaultService(this);
    }

    /// <summary>The system.</summary>
    public SvmSystem System { get; }

    /// <summary>Its agent number.</summary>
    public int Agent { get; }

    /// <summary>The hardware.</summary>
    public Gpu Gpu { get; }

    /// <summary>Its memory; the owner is this object.</summary>
    public DevicePagemap Pagemap { get; }

    /// <summary>Pages that its memory holds.</summary>
    public long CapacityPages { get; }

    /// <summary>Pages that live in its memory now.</summary>
    public long ResidentPages => Residence.Pages;

    /// <summary>What serves its faults.</summary>
    public FaultService Service { get; }

    /// <summary>Accesses that hit. Under the device's lock.</summary>
    internal long Hits { get; set; }

    /// <summary>Of these, to memory of another agent. Under the device's lock.</summary>
    internal long RemoteHits { get; set; }

    internal ResidenceTable Residence { get; }

    internal BlockMigration Migration { get; }

    internal RangeMirror Mirror { get; }

    /// <summary>Taken while the device is served, or pages are moved for the program.</summary>
    internal Lock ServiceLock { get; } = new();

    /// <summary>The device's channel for an address space, opened when it is wanted first.</summary>
    /// <param name="space">An attached address space.</param>
    /// <returns>The channel.</returns>
    public SvmChannel Open(SvmSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        lock (_opening)
        {
            SvmChannel?[] channels = _channels;
            if (space.Index < channels.Length && channels[space.Index] is { } open)
            {
                return open;
            }

            // A copy: who looks a channel up takes no lock.
            Array.Resize(ref channels, Math.Max(channels.Length, space.Index + 1));
            SvmChannel channel = new(this, space);
            channels[space.Index] = channel;
            _channels = channels;
            return channel;
        }
    }

    /// <summary>Moves pages for the program: to this device, or home.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="range">Whole pages.</param>
    /// <param name="toDevice">Which way.</param>
    /// <returns>How many pages moved.</returns>
    public long Migrate(SvmSpace space, VirtualRange range, bool toDevice)
    {
        ArgumentNullException.ThrowIfNull(space);
        lock (ServiceLock)
        {
            return Migration.Move(space, range, toDevice);
        }
    }

    /// <inheritdoc/>
    VmFaultResult IDevicePagemapOps.MigrateToRam(in DeviceFault fault) => _cpuFaults.Serve(fault);

    /// <inheritdoc/>
    void IDevicePagemapOps.PageFree(Pfn page)
    {
        ulong word = Pagemap.DriverWord(page);
        ulong number = word & ((1UL << PageBits) - 1);
        SvmBlock? block = System.SpaceAt((int)(word >> PageBits)).TryFindBlock(number >> GpuEntry.HugeOrder);
        if (block != null)
        {
            Residence.Remove(block, (int)(number & 511), page);
        }
    }

    internal static ulong DriverWordOf(SvmSpace space, ulong page) => ((ulong)(uint)space.Index << PageBits) | page;

    internal SvmChannel? ChannelAt(int space)
    {
        SvmChannel?[] channels = _channels;
        return (uint)space < (uint)channels.Length ? channels[space] : null;
    }

    /// <summary>The channel that an instance pointer names, or null.</summary>
    internal SvmChannel? FindChannel(ulong instance)
    {
        foreach (SvmChannel? channel in _channels)
        {
            if (channel != null && channel.Gpu.Instance == instance && !channel.Gpu.IsClosed)
            {
                return channel;
            }
        }

        return null;
    }
}
