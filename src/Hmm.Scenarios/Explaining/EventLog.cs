using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using Hmm.Core.Addressing;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Core.Notifiers;
using Hmm.Scenarios.Language;

namespace Hmm.Scenarios.Explaining;

/// <summary>Takes notes of what happens while a command runs, whichever machine tells it.</summary>
/// <remarks>A place of null is known by frame alone.</remarks>
internal sealed class EventLog(Func<Pfn, TracedPlace?> find)
{
    private readonly List<TraceEvent> _events = [];

    // What has begun and not ended: faults, messages, evictions. Whatever is told is part of all of them.
    private readonly Stack<(int Index, EntryState Before)> _open = [];
    private ScenarioCommand? _command;

    /// <summary>Whether a command runs: between commands only the machine's end is told.</summary>
    public bool IsRunning => _command != null;

    private int Depth => _open.Count;

    public void Begin(ScenarioCommand command)
    {
        _command = command;
        _events.Clear();
        _open.Clear();
    }

    public IReadOnlyList<TraceEvent> End()
    {
        _command = null;
        return EventNotes.Add(_events);
    }

    public void Invalidated(in TracedPlace place, MmuNotifierEvent what, ulong sequence, int? owner)
    {
        if (_command != null)
        {
            var told = new NotifierEvent(place.Process, place.Range, Depth, what, sequence, owner);
            _events.Add(told with { Note = EventNotes.Of(told, _command, Enclosing<FaultEvent>(), Enclosing<EvictionEvent>() != null) });
        }
    }

    public void FaultBegins(in TracedPlace place, bool isWrite, bool isRemote, EntryState entry)
    {
        EntryState before = entry.Ageless;
        Open(
            new FaultEvent(
                place.Process, place.Range, Depth, isWrite, isRemote, DeviceOf(_command), before.Shape, default, VmFaultResult.None)
            {
                IsCut = true,
            },
            before);
    }

    public void FaultEnds(EntryState entry, VmFaultResult result, FaultedMemory memory)
    {
        if (TryClose(out int index, out FaultEvent? begun, out EntryState before))
        {
            EntryState after = entry.Ageless;
            FaultEvent fault = begun with { After = after.Shape, Result = result, IsCut = false };
            _events[index] = fault with { Note = EventNotes.Of(fault, before.Frame != after.Frame, memory) };
        }
    }

    public void Moved(TracedPlace? place, Pfn source, int? sourceDevice, Pfn target, int? targetDevice)
    {
        (string process, VirtualRange range) = place ?? find(source) ?? TracedPlace.Unknown;
        var move = new MoveEvent(process, range, Depth, sourceDevice, targetDevice);
        move.Source.Add(source);
        move.Target.Add(target);
        _events.Add(move);
    }

    /// <param name="place">Where.</param>
    /// <param name="page">The page, if it was collected already.</param>
    /// <param name="reason">Why.</param>
    /// <param name="entry">What stands in the process's page table, if the place is known.</param>
    public void MoveRefused(TracedPlace? place, Pfn page, MigrateRefusal reason, EntryState entry)
    {
        (string process, VirtualRange range) = place ?? find(page) ?? TracedPlace.Unknown;
        _events.Add(new RefusalEvent(process, range, Depth, IsExclusive: false, reason.ToString())
        {
            Note = reason == MigrateRefusal.NotSelected && place != null ? EventNotes.OfNotSelected(entry) : RefusalReasons.Of(reason),
        });
    }

    public void ExclusiveRefused(in TracedPlace place, ExclusiveRefusal reason) =>
        _events.Add(new RefusalEvent(place.Process, place.Range, Depth, IsExclusive: true, reason.ToString()) { Note = RefusalReasons.Of(reason) });

    public void MessageBegins(in TracedPlace place, MessageCause cause, bool isWrite)
    {
        var message = new MessageEvent(place.Process, place.Range, Depth, cause, isWrite, CpuSignal.None);
        Open(message with { Note = LiveNotes.Of(message) }, default);
    }

    public void MessageEnds(CpuSignal signal)
    {
        if (TryClose(out int index, out MessageEvent? message, out _))
        {
            _events[index] = message with { Signal = signal };
        }
    }

    public void ViewCalled(in TracedPlace place, ViewCall call, bool isWriteProtected, string error, string cause)
    {
        var done = new ViewEvent(place.Process, place.Range, Depth, call, isWriteProtected, error, cause);
        _events.Add(done with { Note = LiveNotes.Of(done) });
    }

    public void Flushed(in TracedPlace place)
    {
        bool isAgeing = Enclosing<FaultEvent>() == null && Enclosing<EvictionEvent>() == null && Enclosing<MessageEvent>() != null;
        _events.Add(new FlushEvent(place.Process, place.Range, Depth) { Note = LiveNotes.OfFlush(isAgeing) });
    }

    public void Punched(TracedPlace? place, Pfn first, ulong count)
    {
        (string process, VirtualRange range) = place ?? FindAll(first, count) ?? TracedPlace.Unknown;
        var punched = new PunchEvent(process, range, Depth) { Note = LiveNotes.OfPunch };
        for (ulong i = 0; i < count; i++)
        {
            punched.Frames.Add(new Pfn(first.Value + i));
        }

        _events.Add(punched);
    }

    public void EvictionBegins(in TracedPlace place) => Open(new EvictionEvent(place.Process, place.Range, Depth, 0), default);

    public void EvictionEnds(long moved)
    {
        if (TryClose(out int index, out EvictionEvent? eviction, out _))
        {
            _events[index] = eviction with { MovedCount = moved, Note = LiveNotes.OfEviction(moved) };
        }
    }

    public void ReadsAhead(in TracedPlace place) => _events.Add(new ReadAheadEvent(place.Process, place.Range, Depth) { Note = LiveNotes.OfReadAhead });

    public static int? DeviceOf(ScenarioCommand? command) => command switch
    {
        DeviceRegionCommand region => region.Device,
        DeviceWriteCommand write => write.Device,
        DeviceRangeCommand range => range.Device,
        _ => null,
    };

    private void Open(TraceEvent begun, EntryState before)
    {
        _open.Push((_events.Count, before));
        _events.Add(begun);
    }

    private bool TryClose<TEvent>(out int index, [NotNullWhen(true)] out TEvent? begun, out EntryState before)
        where TEvent : TraceEvent
    {
        (index, before) = _open.TryPop(out (int Index, EntryState Before) top) ? top : (-1, default);
        begun = index < 0 ? null : _events[index] as TEvent;
        return begun != null;
    }

    private TEvent? Enclosing<TEvent>()
        where TEvent : TraceEvent
    {
        foreach ((int index, _) in _open)
        {
            if (_events[index] is TEvent enclosing)
            {
                return enclosing;
            }
        }

        return null;
    }

    private TracedPlace? FindAll(Pfn first, ulong count)
    {
        TracedPlace? start = find(first);
        TracedPlace? last = find(new Pfn(first.Value + count - 1));
        bool isOne = start is { } one && last is { } other && one.Process == other.Process
            && other.Range.Start == one.Range.Start.AddPages((long)count - 1);
        return isOne ? start!.Value with { Range = VirtualRange.FromPages(start.Value.Range.Start, count) } : null;
    }
}
