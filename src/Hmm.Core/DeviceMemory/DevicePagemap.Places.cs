using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Locking;
using Hmm.Core.Machines;

namespace Hmm.Core.DeviceMemory;

// Device memory whose pages are taken by their place, not where something is free: the counterpart of system frames with fixed places.
public sealed unsafe partial class DevicePagemap
{
    private readonly Dictionary<ulong, Pfn> _places = [];

    /// <summary>Takes the page at a place of the device's memory: locked, with one reference, its content as the device left it.</summary>
    /// <param name="slot">The place, in pages.</param>
    /// <param name="page">The page; <see cref="DeviceAddress"/> is the place in bytes.</param>
    /// <param name="driverWord">A number that the driver keeps with the page while it is in use.</param>
    /// <returns>False if the page is in use, the capacity is used up, or the machine has no more.</returns>
    /// <remarks>A device uses either this or <see cref="TryTakePage"/>. Thread-safe. The first page of each 32 MiB allocates.</remarks>
    public bool TryTakePageAt(ulong slot, out Pfn page, ulong driverWord = 0)
    {
        page = Pfn.None;
        if (!TryFindChunk(slot >> FrameTable.ChunkShift, out Pfn first))
        {
            return false;
        }

        Pfn place = new(first.Value + (slot & (FrameTable.ChunkFrames - 1)));
        PageFrame* record = _system.Frames.Record(place);
        SpinWord.Enter(ref _lock, LockRank.Allocator);
        bool taken = (ulong)_inUse < _capacityPages && (record->SelfPfn == 0 || record->Has(FrameFlags.Free));
        if (taken)
        {
            record->SelfPfn = (uint)place.Value;
            record->PagemapId = _id;
            record->FlagBits = (uint)FrameFlags.Device;
            _inUse++;
        }

        SpinWord.Exit(ref _lock, LockRank.Allocator);
        if (taken)
        {
            HandOut(record, driverWord);
            page = place;
        }

        return taken;
    }

    /// <summary>Keeps another number with a page.</summary>
    /// <param name="page">A page of this memory in use.</param>
    /// <param name="driverWord">The number.</param>
    public void SetDriverWord(Pfn page, ulong driverWord) => Volatile.Write(ref _system.Frames.Record(page)->Private, driverWord);

    private bool TryFindChunk(ulong index, out Pfn first)
    {
        lock (_places)
        {
            if (_places.TryGetValue(index, out first))
            {
                return true;
            }

            ulong deviceBase = index << (FrameTable.ChunkShift + PageConstants.PageShift);
            if (!_system.Frames.TryAddPlaces(1, MemoryKind.DevicePrivate, _id, deviceBase, out first))
            {
                return false;
            }

            _places.Add(index, first);
            return true;
        }
    }
}
