using System;
using System.Threading;
using Hmm.Core.Reclaim;
using Hmm.Pager.Devices;

namespace Hmm.Pager.Spaces;

/// <summary>Keeps a space's pages under its RAM limit: whoever is about to take frames makes room first.</summary>
/// <remarks>Thread-safe. Under no lock of the engine. Does nothing without a limit or a device that backs it.</remarks>
/// <param name="space">The space.</param>
/// <param name="limitPages">The limit, in pages; the largest number for none.</param>
internal sealed class RamLimiter(LiveSpace space, ulong limitPages)
{
    /// <summary>Frames that are kept free for the fault being served: its own and its read-ahead.</summary>
    private const ulong ReservePages = 128;

    private const int BatchPages = 128;

    /// <summary>Of the limit, frames that only pages of devices get: where neither RAM nor the pool has room, what exists can be reached all the same.</summary>
    private const ulong ReturnReservePages = 32;

    private const ulong ReturnReserveShare = 16;

    private readonly ClockHand _hand = new(space.Space);
    private PoolDevice? _device;

    /// <summary>The device that backs the limit, or null.</summary>
    public PoolDevice? Device
    {
        get => Volatile.Read(ref _device);
        set => Volatile.Write(ref _device, value);
    }

    /// <summary>How many frames only pages of devices get.</summary>
    public ulong ReturnReserve => limitPages == ulong.MaxValue ? 0 : Math.Min(ReturnReservePages, limitPages / ReturnReserveShare);

    /// <summary>Makes room for one fault.</summary>
    public void MakeRoom() => MakeRoom(ReservePages);

    /// <summary>Makes room.</summary>
    /// <param name="pages">For how many pages.</param>
    public void MakeRoom(ulong pages)
    {
        // What is kept for pages of devices is no room for others.
        pages += ReturnReserve;
        if (limitPages == ulong.MaxValue || space.Memory.SystemFramesInUse + pages <= limitPages)
        {
            return;
        }

        PoolDevice? device = Device;
        if (device == null)
        {
            return;
        }

        // Frames that are only waiting to be given back may be enough.
        space.Memory.RecycleFrames();
        while (space.Memory.SystemFramesInUse + pages > limitPages)
        {
            int wanted = device.RoomFor(BatchPages);
            int evicted = wanted == 0 ? 0 : _hand.Sweep(wanted, ref device);
            space.Memory.RecycleFrames();
            if (evicted == 0)
            {
                device.NoteExhausted();
                return;
            }
        }
    }
}
