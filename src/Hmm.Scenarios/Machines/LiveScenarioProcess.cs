using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Linux;
using Hmm.Live.Interop;

namespace Hmm.Scenarios.Machines;

/// <summary>This process and its live memory, as scenarios drive them.</summary>
/// <remarks>Not thread-safe. Loads and stores touch whole pages; a signal that one raises is its answer.</remarks>
public sealed unsafe class LiveScenarioProcess : IScenarioProcess
{
    private readonly LiveScenarioMachine _machine;
    private readonly AddressSlot _slot;
    private readonly LiveScenarioDevice[] _devices;
    private readonly byte[] _page = new byte[PageConstants.PageSize];

    internal LiveScenarioProcess(LiveScenarioMachine machine, AddressSlot slot)
    {
        _machine = machine;
        _slot = slot;
        _devices = [new LiveScenarioDevice(machine, slot, 0), new LiveScenarioDevice(machine, slot, 1)];
    }

    /// <inheritdoc/>
    public HmmStatus Map(VirtualRange range, MapSource source, Protection protection, bool shared)
    {
        if (source != MapSource.Anonymous)
        {
            throw Missing(source.ToString());
        }

        (nuint start, nuint length) = Locate(range);
        return (HmmStatus)PagerApi.map_at(_machine.Space, start, length, (int)protection, shared ? 1 : 0);
    }

    /// <inheritdoc/>
    public HmmStatus Unmap(VirtualRange range)
    {
        (nuint start, nuint length) = Locate(range);
        return (HmmStatus)PagerApi.unmap(_machine.Space, start, length);
    }

    /// <inheritdoc/>
    public HmmStatus Protect(VirtualRange range, Protection protection)
    {
        (nuint start, nuint length) = Locate(range);
        return (HmmStatus)PagerApi.protect(_machine.Space, start, length, (int)protection);
    }

    /// <inheritdoc/>
    public HmmStatus Lock(VirtualRange range) => Lock(range, isLocked: 1);

    /// <inheritdoc/>
    public HmmStatus Unlock(VirtualRange range) => Lock(range, isLocked: 0);

    /// <inheritdoc/>
    public HmmStatus Remap(VirtualRange range, VirtualRange target)
    {
        (nuint start, nuint length) = Locate(range);
        (nuint newStart, nuint newLength) = Locate(target);
        return (HmmStatus)PagerApi.remap_to(_machine.Space, start, length, newStart, newLength);
    }

    /// <inheritdoc/>
    public HmmStatus Advise(VirtualRange range, MemoryAdvice advice, out bool raisedBus)
    {
        (nuint start, nuint length) = Locate(range);
        int bus = 0;
        HmmStatus status = (HmmStatus)PagerApi.advise(_machine.Space, start, length, (int)advice, &bus);
        raisedBus = bus != 0;
        return status;
    }

    /// <inheritdoc/>
    public CpuAccess Load(VirtualAddress page, out PageContent content)
    {
        content = default;
        if (!AddressSlot.Holds(page))
        {
            return CpuAccess.SegmentationFault;
        }

        nuint address = (nuint)_slot.Locate(page).Value;
        CpuAccess access = Judge(address, GuardedAccess.Copy(_page, address));
        content = access == CpuAccess.Done ? SimulatedScenarioDevice.ContentOf(_page) : default;
        return access;
    }

    /// <inheritdoc/>
    public CpuAccess Store(VirtualAddress page, byte value)
    {
        if (!AddressSlot.Holds(page))
        {
            return CpuAccess.SegmentationFault;
        }

        Array.Fill(_page, value);
        nuint address = (nuint)_slot.Locate(page).Value;
        return Judge(address, GuardedAccess.Copy(address, _page));
    }

    /// <inheritdoc/>
    public HmmStatus Pin(VirtualRange range, bool write) => throw Missing("pin");

    /// <inheritdoc/>
    public HmmStatus Unpin() => throw Missing("unpin");

    /// <inheritdoc/>
    public PagemapEntry Pagemap(VirtualAddress page) => throw Missing("pagemap");

    /// <inheritdoc/>
    public bool TryGetSmaps(VirtualAddress address, out SmapsEntry entry) => throw Missing("smaps");

    /// <inheritdoc/>
    public HmmStatus Fork(out IScenarioProcess? child) => throw Missing("fork");

    /// <inheritdoc/>
    public void Exit() => throw Missing("exit");

    /// <inheritdoc/>
    public IScenarioDevice Device(int index) => _devices[index];

    private HmmStatus Lock(VirtualRange range, int isLocked)
    {
        (nuint start, nuint length) = Locate(range);
        return (HmmStatus)PagerApi.@lock(_machine.Space, start, length, isLocked);
    }

    private CpuAccess Judge(nuint address, MemoryFault fault)
    {
        if (fault.Signal == MemorySignal.Sigbus)
        {
            // The kernel keeps the page poisoned; the engine decides anew at the next touch.
            _ = PagerApi.forget(_machine.Space, address, PageConstants.PageSize);
        }

        return fault.Signal switch
        {
            MemorySignal.None => CpuAccess.Done,
            MemorySignal.Sigbus => CpuAccess.BusError,
            _ => CpuAccess.SegmentationFault,
        };
    }

    private (nuint Start, nuint Length) Locate(VirtualRange range) =>
        ((nuint)_slot.Locate(range.Start).Value, (nuint)range.LengthBytes);

    private static NotSupportedException Missing(string word) => new($"The live machine does not take '{word}'.");
}
