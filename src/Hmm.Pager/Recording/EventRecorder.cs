using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Diagnostics;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;
using Hmm.Linux;
using Hmm.Pager.Devices;
using Hmm.Pager.Exports;
using Hmm.Pager.Spaces;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Pager.Recording;

/// <summary>Writes down what happens in a space: what the engine tells, and what only real memory has.</summary>
/// <remarks>Thread-safe. Called by the fault thread and by whoever drives the space, some of it under locks of the engine. Allocates nothing and calls nobody.</remarks>
/// <param name="capacity">How many events wait at most.</param>
/// <param name="homes">Tells the address of a frame that is punched out.</param>
internal sealed class EventRecorder(int capacity, HomeMap homes) : IMemoryObserver, IDisposable
{
    private const int None = -1;

    /// <summary>The number of the space's own device 0.</summary>
    private const int FirstPool = 2;

    private readonly EventRing _ring = new(capacity);
    private MemorySystem? _memory;

    /// <summary>Lets an engine tell what happens in it, before it is used.</summary>
    public void Watch(MemorySystem memory)
    {
        _memory = memory;
        memory.Observer = this;
    }

    /// <summary>Takes the oldest events out; see <see cref="EventRing.Take"/>.</summary>
    public int Take(Span<PagerEvent> events, out long dropped) => _ring.Take(events, out dropped);

    public void Dispose() => _ring.Dispose();

    /// <summary>A device's number in events; -1 for none.</summary>
    public static int NumberOf(object? owner) => owner switch
    {
        TestMirrorDevice mirror => mirror.Index,
        PoolDevice pool => FirstPool + pool.Index,
        _ => None,
    };

    /// <summary>The number of the device whose memory a frame is in; -1 for system memory and for no frame.</summary>
    public static int NumberOf(MemorySystem memory, Pfn frame) =>
        !frame.IsNone && memory.IsDevicePrivate(frame) ? NumberOf(memory.DeviceOwner(frame)) : None;

    public void MessageRead(nuint page, UserfaultfdFaultFlags message) => Add(Ranged(PagerEventKind.Message, page, 1) with
    {
        Flags = ((message & UserfaultfdFaultFlags.Write) != 0 ? PagerEventFlags.Write : 0)
            | ((message & UserfaultfdFaultFlags.Minor) != 0 ? PagerEventFlags.Minor : 0)
            | ((message & UserfaultfdFaultFlags.WriteProtect) != 0 ? PagerEventFlags.WriteProtect | PagerEventFlags.Write : 0),
    });

    public void MessageServed(nuint page, CpuSignal signal) => Add(Ranged(PagerEventKind.MessageEnd, page, 1) with { Code = (int)signal });

    /// <summary>A call on the descriptor was made. One that is to be made again (EAGAIN) is not told.</summary>
    public void ViewCalled(PagerViewCall call, nuint address, nuint length, nint result, bool isWriteProtected = false, int cause = 0)
    {
        if (result != -Errno.EAGAIN)
        {
            Add(Ranged(PagerEventKind.ViewCall, address, length >> PageConstants.PageShift) with
            {
                Flags = isWriteProtected ? PagerEventFlags.WriteProtect : 0,
                Code = (int)call,
                Error = result < 0 ? (int)result : 0,
                Cause = cause,
            });
        }
    }

    public void Flushed(ulong start, ulong end) => Add(Ranged(PagerEventKind.Flush, start, (end - start) >> PageConstants.PageShift));

    public void Punched(Pfn first, int frameCount)
    {
        bool isKnown = homes.TryFindAddress(first, frameCount, out ulong address);
        Add(Ranged(PagerEventKind.Punch, address, (ulong)frameCount) with
        {
            Flags = isKnown ? 0 : PagerEventFlags.NoAddress,
            SourceFrame = first.Value,
        });
    }

    public void EvictionBegins(VirtualRange range, PoolDevice device) => Add(Ranged(PagerEventKind.Eviction, range) with { Device = NumberOf(device) });

    public void EvictionEnds(VirtualRange range, PoolDevice device, int moved) =>
        Add(Ranged(PagerEventKind.EvictionEnd, range) with { Device = NumberOf(device), Code = moved });

    public void ReadsAhead(VirtualRange range) => Add(Ranged(PagerEventKind.ReadAhead, range));

    void IMemoryObserver.Invalidated(AddressSpace space, in MmuNotifierRange range, ulong sequence) =>
        Add(Ranged(PagerEventKind.Invalidation, range.Range) with { Code = (int)range.Event, Device = NumberOf(range.Owner), Sequence = sequence });

    void IMemoryObserver.Faulting(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote) =>
        Add(Fault(PagerEventKind.Fault, space, address, isWrite, isRemote));

    void IMemoryObserver.Faulted(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote, VmFaultResult result)
    {
        // The address-space lock is held for reading while a fault is handled.
        Vma? vma = space.FindVma(address);
        PagerEventFlags memory = (vma is null or { IsAnonymous: true } ? PagerEventFlags.Anonymous : 0)
            | (vma is { IsCopyOnWrite: true } ? PagerEventFlags.CopyOnWrite : 0);
        PagerEvent fault = Fault(PagerEventKind.FaultEnd, space, address, isWrite, isRemote);
        Add(fault with { Flags = fault.Flags | memory, Code = (int)result });
    }

    void IMemoryObserver.Migrated(AddressSpace? space, VirtualAddress address, Pfn source, Pfn target) =>
        Add(Placed(PagerEventKind.Move, space, address, source) with { TargetFrame = target.Value, TargetDevice = DeviceOf(target) });

    void IMemoryObserver.MigrationRefused(AddressSpace? space, VirtualAddress address, Pfn page, MigrateRefusal reason)
    {
        Pte entry = space?.ReadEntry(address) ?? Pte.Empty;
        Add(Placed(PagerEventKind.MoveRefused, space, address, page) with { Code = (int)reason, Entry = entry.Value, EntryDevice = DeviceOf(entry) });
    }

    void IMemoryObserver.ExclusiveRefused(AddressSpace space, VirtualAddress address, ExclusiveRefusal reason) =>
        Add(Ranged(PagerEventKind.ExclusiveRefused, VirtualRange.FromPages(address, 1)) with { Code = (int)reason });

    private static PagerEvent Ranged(PagerEventKind kind, VirtualRange range) => Ranged(kind, range.Start.Value, range.PageCount);

    private static PagerEvent Ranged(PagerEventKind kind, ulong address, ulong pageCount) => new()
    {
        Kind = kind,
        Address = address,
        PageCount = pageCount,
        Device = None,
        SourceDevice = None,
        TargetDevice = None,
        EntryDevice = None,
    };

    private int DeviceOf(Pfn frame) => _memory == null ? None : NumberOf(_memory, frame);

    private int DeviceOf(Pte entry) => entry.Kind is PteKind.DeviceRead or PteKind.DeviceWrite ? DeviceOf(entry.Pfn) : None;

    private PagerEvent Fault(PagerEventKind kind, AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote)
    {
        Pte entry = space.ReadEntry(address);
        return Ranged(kind, VirtualRange.FromPages(address, 1)) with
        {
            Flags = (isWrite ? PagerEventFlags.Write : 0) | (isRemote ? PagerEventFlags.Remote : 0),
            Entry = entry.Value,
            EntryDevice = DeviceOf(entry),
        };
    }

    private PagerEvent Placed(PagerEventKind kind, AddressSpace? space, VirtualAddress address, Pfn source) =>
        Ranged(kind, space == null ? default : VirtualRange.FromPages(address, 1)) with
        {
            Flags = space == null ? PagerEventFlags.NoAddress : 0,
            SourceFrame = source.Value,
            SourceDevice = DeviceOf(source),
        };

    private void Add(in PagerEvent happened) => _ring.Add(happened);
}
