using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Diagnostics;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Machines;
using Hmm.Scenarios.Running;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Scenarios.Explaining;

/// <summary>The simulated machine, looked into: its engine tells while the command runs.</summary>
internal sealed class SimulatedTraceSource : ITraceSource, IMemoryObserver
{
    private readonly SimulatedScenarioMachine _machine;
    private readonly EventLog _log;
    private readonly Dictionary<AddressSpace, string> _processes = [];

    public SimulatedTraceSource(SimulatedScenarioMachine machine, EventLog log)
    {
        _machine = machine;
        _log = log;
        machine.Machine.Memory.Observer = this;
    }

    public void Begin(ScenarioCommand command) => _log.Begin(command);

    public long End(EventLog log) => 0;

    public IReadOnlyDictionary<TableKey, TableSnapshot> ReadTables(string newest)
    {
        var tables = new Dictionary<TableKey, TableSnapshot>();
        foreach (SimulatedScenarioProcess process in _machine.Processes)
        {
            _processes.TryAdd(process.Space, newest);
            string name = NameOf(process.Space);
            tables[new TableKey(name, null)] = Read(process.Space);
            for (int device = 0; device < _machine.Machine.Devices.Count; device++)
            {
                tables[new TableKey(name, device)] = Read(((SimulatedScenarioDevice)process.Device(device)).Mirror);
            }
        }

        return tables;
    }

    public string NameOf(in CommandContext context) => context.Process is SimulatedScenarioProcess process ? NameOf(process.Space) : "";

    void IMemoryObserver.Invalidated(AddressSpace space, in MmuNotifierRange range, ulong sequence) =>
        _log.Invalidated(new TracedPlace(NameOf(space), range.Range), range.Event, sequence, TraceDevices.NumberOf(range.Owner));

    void IMemoryObserver.Faulting(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote) =>
        _log.FaultBegins(Page(space, address), isWrite, isRemote, EntryReader.Read(space, address));

    void IMemoryObserver.Faulted(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote, VmFaultResult result)
    {
        Vma? vma = space.FindVma(address);
        var memory = new FaultedMemory(vma is null or { IsAnonymous: true }, vma is { IsCopyOnWrite: true });
        _log.FaultEnds(EntryReader.Read(space, address), result, memory);
    }

    void IMemoryObserver.Migrated(AddressSpace? space, VirtualAddress address, Pfn source, Pfn target)
    {
        MemorySystem memory = _machine.Machine.Memory;
        TracedPlace? place = space == null ? null : Page(space, address);
        _log.Moved(place, source, TraceDevices.NumberOf(memory, source), target, TraceDevices.NumberOf(memory, target));
    }

    void IMemoryObserver.MigrationRefused(AddressSpace? space, VirtualAddress address, Pfn page, MigrateRefusal reason) => _log.MoveRefused(
        space == null ? null : Page(space, address), page, reason, space == null ? default : EntryReader.Read(space, address));

    void IMemoryObserver.ExclusiveRefused(AddressSpace space, VirtualAddress address, ExclusiveRefusal reason) =>
        _log.ExclusiveRefused(Page(space, address), reason);

    private static TableSnapshot Read(AddressSpace space)
    {
        if (space.IsDead)
        {
            return TableSnapshot.Empty;
        }

        var snapshot = new TableSnapshot(hasMappings: true);
        for (int i = 0; i < space.VmaCount; i++)
        {
            Vma vma = space.GetVma(i);
            snapshot.AddMapping(vma.Range, vma.Flags);
            Read(snapshot, space, vma);
        }

        return snapshot;
    }

    private static void Read(TableSnapshot snapshot, AddressSpace space, Vma vma)
    {
        VirtualAddress next = vma.Range.Start;
        VmaFlags flags = EntryReader.Shown(vma.Flags);
        while (space.TryFindEntry(next, vma.Range.End, out VirtualAddress page, out Pte entry))
        {
            EntryState state = EntryReader.Describe(entry, page.PageNumber, EntryReader.DeviceOf(space.Engine, entry));
            if (!snapshot.TryAdd(page.PageNumber, state with { Mapping = flags }))
            {
                return;
            }

            next = page.AddPages(1);
        }
    }

    private static TableSnapshot Read(TestMirror mirror)
    {
        var snapshot = new TableSnapshot(hasMappings: false);
        foreach ((ulong page, (Pfn frame, MirrorTag tag)) in mirror.ReadTable())
        {
            if (!snapshot.TryAdd(page, EntryReader.Describe(frame, tag, TraceDevices.NumberOf(mirror.Device.Memory, frame))))
            {
                break;
            }
        }

        return snapshot;
    }

    // A child that is being forked has no name yet; nothing is told of it before it is complete.
    private string NameOf(AddressSpace space) => _processes.GetValueOrDefault(space, "");

    private TracedPlace Page(AddressSpace space, VirtualAddress address) => new(NameOf(space), VirtualRange.FromPages(address, 1));
}
