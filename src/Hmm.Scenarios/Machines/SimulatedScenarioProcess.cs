using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;

namespace Hmm.Scenarios.Machines;

/// <summary>A process of the simulated machine, as scenarios drive it.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class SimulatedScenarioProcess : IScenarioProcess
{
    private readonly SimulatedScenarioMachine _machine;
    private readonly SimulatedScenarioDevice[] _devices;
    private readonly byte[] _page = new byte[PageConstants.PageSize];
    private LongTermPin? _pin;

    internal SimulatedScenarioProcess(SimulatedScenarioMachine machine, AddressSpace space)
    {
        _machine = machine;
        Space = space;
        _devices =
        [
            new SimulatedScenarioDevice(machine.Machine.Devices[0].Open(space)),
            new SimulatedScenarioDevice(machine.Machine.Devices[1].Open(space)),
        ];
    }

    /// <summary>The address space.</summary>
    public AddressSpace Space { get; }

    /// <inheritdoc/>
    public HmmStatus Map(VirtualRange range, MapSource source, Protection protection, bool shared) => source switch
    {
        MapSource.Mixed => Space.MapDriverPages(range, protection),
        MapSource.File => Space.MapFile(range, protection, shared, NumberedPages.Instance),
        _ => shared ? Space.MapSharedAnonymous(range, protection) : Space.MapAnonymous(range, protection),
    };

    /// <inheritdoc/>
    public HmmStatus Unmap(VirtualRange range) => Space.Unmap(range);

    /// <inheritdoc/>
    public HmmStatus Protect(VirtualRange range, Protection protection) => Space.Protect(range, protection);

    /// <inheritdoc/>
    public HmmStatus Lock(VirtualRange range) => Space.Lock(range);

    /// <inheritdoc/>
    public HmmStatus Unlock(VirtualRange range) => Space.Unlock(range);

    /// <inheritdoc/>
    public HmmStatus Remap(VirtualRange range, VirtualRange target) => Space.Remap(range, target);

    /// <inheritdoc/>
    public HmmStatus Advise(VirtualRange range, MemoryAdvice advice, out bool raisedBus) => Space.Advise(range, advice, out raisedBus);

    /// <inheritdoc/>
    public CpuAccess Load(VirtualAddress page, out PageContent content)
    {
        CpuSignal signal = Space.Read(page, _page);
        content = signal == CpuSignal.None ? SimulatedScenarioDevice.ContentOf(_page) : default;
        return AccessOf(signal);
    }

    /// <inheritdoc/>
    public CpuAccess Store(VirtualAddress page, byte value)
    {
        Array.Fill(_page, value);
        return AccessOf(Space.Write(page, _page));
    }

    /// <inheritdoc/>
    public HmmStatus Pin(VirtualRange range, bool write) =>
        _pin != null ? HmmStatus.Invalid : Space.Pin(range, write, out _pin);

    /// <inheritdoc/>
    public HmmStatus Unpin()
    {
        _pin?.Dispose();
        _pin = null;
        return HmmStatus.Success;
    }

    /// <inheritdoc/>
    public PagemapEntry Pagemap(VirtualAddress page) => Space.GetPagemap(page);

    /// <inheritdoc/>
    public bool TryGetSmaps(VirtualAddress address, out SmapsEntry entry) => Space.TryGetSmaps(address, out entry);

    /// <inheritdoc/>
    public HmmStatus Fork(out IScenarioProcess? child)
    {
        HmmStatus status = Space.Fork(out AddressSpace? space);
        child = space == null ? null : _machine.Add(new SimulatedScenarioProcess(_machine, space));
        return status;
    }

    /// <inheritdoc/>
    public void Exit()
    {
        Unpin();
        Space.Exit();
    }

    /// <inheritdoc/>
    public IScenarioDevice Device(int index) => _devices[index];

    private static CpuAccess AccessOf(CpuSignal signal) => signal switch
    {
        CpuSignal.None => CpuAccess.Done,
        CpuSignal.Segv => CpuAccess.SegmentationFault,
        _ => CpuAccess.BusError,
    };

    /// <summary>The files of scenarios: page i is filled with byte i + 1, modulo 256.</summary>
    private sealed class NumberedPages : IFileContent
    {
        public static readonly NumberedPages Instance = new();

        public void Fill(ulong pageIndex, Span<byte> page) => page.Fill(unchecked((byte)(pageIndex + 1)));
    }
}
