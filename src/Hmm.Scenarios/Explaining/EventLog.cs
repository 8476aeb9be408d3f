using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Diagnostics;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Core.Notifiers;
using Hmm.Scenarios.Language;

namespace Hmm.Scenarios.Explaining;

/// <summary>Takes notes of what the engine tells while a command runs.</summary>
internal sealed class EventLog(MemorySystem memory, Func<AddressSpace, string> nameOf, Func<Pfn, (string Process, VirtualRange Range)?> find)
    : IMemoryObserver
{
    private readonly List<TraceEvent> _events = [];
    private readonly Stack<(int Index, EntryState Before)> _faults = [];
    private ScenarioCommand? _command;

    public void Begin(ScenarioCommand command)
    {
        _command = command;
        _events.Clear();
        _faults.Clear();
    }

    public IReadOnlyList<TraceEvent> End()
    {
        _command = null;
        return EventNotes.Add(_events);
    }

    public void Invalidated(AddressSpace space, in MmuNotifierRange range, ulong sequence)
    {
        // Between commands only the machine's end is told.
        if (_command != null)
        {
            var told = new NotifierEvent(
                nameOf(space), range.Range, _faults.Count, range.Event, sequence, EntryReader.DeviceOf(range.Owner));
            _events.Add(told with { Note = EventNotes.Of(told, _command, EnclosingFault()) });
        }
    }

    public void Faulting(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote)
    {
        EntryState before = EntryReader.Read(space, address).Ageless;
        _faults.Push((_events.Count, before));
        _events.Add(new FaultEvent(
            nameOf(space), VirtualRange.FromPages(address, 1), _faults.Count - 1, isWrite, isRemote, DeviceOf(_command), before.Shape, default,
            VmFaultResult.None));
    }

    public void Faulted(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote, VmFaultResult result)
    {
        (int index, EntryState before) = _faults.Pop();
        EntryState after = EntryReader.Read(space, address).Ageless;
        var fault = (FaultEvent)_events[index] with { After = after.Shape, Result = result };
        _events[index] = fault with { Note = EventNotes.Of(fault, before.Frame != after.Frame, space.FindVma(address)) };
    }

    public void Migrated(AddressSpace? space, VirtualAddress address, Pfn source, Pfn target)
    {
        (string process, VirtualRange range) = Place(space, address, source);
        var move = new MoveEvent(
            process, range, _faults.Count, EntryReader.DeviceOf(memory, source), EntryReader.DeviceOf(memory, target));
        move.Source.Add(source);
        move.Target.Add(target);
        _events.Add(move);
    }

    public void MigrationRefused(AddressSpace? space, VirtualAddress address, Pfn page, MigrateRefusal reason)
    {
        (string process, VirtualRange range) = Place(space, address, page);
        _events.Add(new RefusalEvent(process, range, _faults.Count, IsExclusive: false, reason.ToString())
        {
            Note = reason == MigrateRefusal.NotSelected && space != null
                ? EventNotes.OfNotSelected(EntryReader.Read(space, address))
                : RefusalReasons.Of(reason),
        });
    }

    public void ExclusiveRefused(AddressSpace space, VirtualAddress address, ExclusiveRefusal reason) =>
        _events.Add(new RefusalEvent(
            nameOf(space), VirtualRange.FromPages(address, 1), _faults.Count, IsExclusive: true, reason.ToString())
        {
            Note = RefusalReasons.Of(reason),
        });

    public static int? DeviceOf(ScenarioCommand? command) => command switch
    {
        DeviceRegionCommand region => region.Device,
        DeviceWriteCommand write => write.Device,
        DeviceRangeCommand range => range.Device,
        _ => null,
    };

    private FaultEvent? EnclosingFault() => _faults.Count == 0 ? null : (FaultEvent)_events[_faults.Peek().Index];

    private (string Process, VirtualRange Range) Place(AddressSpace? space, VirtualAddress address, Pfn frame) =>
        space != null ? (nameOf(space), VirtualRange.FromPages(address, 1)) : find(frame) ?? ("", default);
}
