using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Locking;
using Hmm.Core.Machines;

namespace Hmm.Core.Frames;

// Frames with fixed places: an address can only have the one frame that its MMU can map there.
//
// A frame is untouched (its record all zeros), in use, returned, or free. Returned frames wait until the machine has discarded their bytes, many at a
// time, so a free frame reads as zeros and uses no memory. They count as in use until then. Waiting also does what Linux gathers freed pages for:
// whoever still has an old translation writes to bytes that are about to be discarded, never to somebody else's.
internal sealed unsafe partial class FrameAllocator
{
    private readonly IMachine _machine;
    private uint _returned;

    /// <summary>Frames that only pages which come back from a device's memory may have, when all others are taken.</summary>
    /// <remarks>So memory that exists can be reached where it leaves no room for more. Source: the reserves below Linux's lowest watermark.</remarks>
    public ulong Reserve { get; set; }

    /// <summary>Sets frames aside that are handed out by number alone, in whole chunks; none if the machine has no more.</summary>
    public Pfn ReservePlaces(ulong frameCount)
    {
        ulong chunks = (frameCount + FrameTable.ChunkFrames - 1) / FrameTable.ChunkFrames;
        return chunks <= int.MaxValue && _frames.TryAddPlaces((int)chunks, MemoryKind.System, 0, 0, out Pfn first) ? first : Pfn.None;
    }

    /// <summary>Takes the frame with this number, zeroed; null if memory is out, or the frame is busy: in use, or not discarded yet.</summary>
    public PageFrame* TryTakeAt(Pfn place, bool mayUseReserve, out bool isBusy) => TryTakeAt(place, 1, mayUseReserve, out isBusy);

    /// <summary>Lets a busy frame become free: has it discarded if it waits for that, and otherwise gives the processor to its last holder.</summary>
    /// <remarks>Not under a lock of the engine but the address-space lock.</remarks>
    public void WaitFor(Pfn place)
    {
        PageFrame* page = _frames.Record(place);
        if (page->Has(FrameFlags.Returned))
        {
            Recycle();
        }

        if (!IsFree(page))
        {
            Thread.Yield();
        }
    }

    /// <summary>Takes the 512 frames that begin here as one huge folio, zeroed; null if not all of them are free or memory is out.</summary>
    public PageFrame* TryTakeHugeAt(Pfn place)
    {
        PageFrame* head = TryTakeAt(place, PageConstants.HugePages, mayUseReserve: false, out _);
        if (head != null)
        {
            PrepareHuge(head);
        }

        return head;
    }

    /// <summary>Whether nobody has any of the frames.</summary>
    public bool AreFree(Pfn first, ulong frameCount)
    {
        for (ulong i = 0; i < frameCount; i++)
        {
            if (!IsFree(_frames.Record(new Pfn(first.Value + i))))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Discards the bytes of returned frames and makes them free.</summary>
    /// <remarks>Costs a call of the machine for each run of consecutive frames. Not under a lock of the engine.</remarks>
    public void Recycle()
    {
        SpinWord.Enter(ref _lock, LockRank.Allocator);
        uint chain = _returned;
        _returned = 0;
        SpinWord.Exit(ref _lock, LockRank.Allocator);
        while (chain != 0)
        {
            // Frames of a range are usually returned one after the other, so the chain runs downwards.
            uint low = chain;
            int count = 1;
            uint next = Record(low)->Next;
            while (next != 0 && next == low - 1)
            {
                low = next;
                count++;
                next = Record(low)->Next;
            }

            _machine.DiscardFrames(new Pfn(low), count);
            Free(low, count);
            chain = next;
        }
    }

    /// <summary>Whether nobody has a frame with a fixed place.</summary>
    public static bool IsFree(PageFrame* page) => page->SelfPfn == 0 || page->Has(FrameFlags.Free);

    private PageFrame* TryTakeAt(Pfn place, int count, bool mayUseReserve, out bool isBusy)
    {
        PageFrame* page = _frames.Record(place);
        SpinWord.Enter(ref _lock, LockRank.Allocator);
        bool isOut = _granted + (ulong)count > _limit - (mayUseReserve ? 0 : Reserve);
        isBusy = false;
        for (int i = 0; i < count && !isBusy; i++)
        {
            isBusy = !IsFree(page + i);
        }

        bool isTaken = !isBusy && !isOut;
        for (int i = 0; i < count && isTaken; i++)
        {
            page[i].SelfPfn = (uint)place.Value + (uint)i;
            Prepare(page + i);
        }

        _granted += isTaken ? (ulong)count : 0;
        SpinWord.Exit(ref _lock, LockRank.Allocator);
        return isTaken ? page : null;
    }

    private void ReturnPlaced(PageFrame* page, int count)
    {
        SpinWord.Enter(ref _lock, LockRank.Allocator);
        for (int i = 0; i < count; i++)
        {
            page[i].HeadDistance = 0;
            page[i].FlagBits = (uint)FrameFlags.Returned;
            page[i].Next = _returned;
            _returned = page[i].SelfPfn;
        }

        SpinWord.Exit(ref _lock, LockRank.Allocator);
    }

    private void Free(uint low, int count)
    {
        SpinWord.Enter(ref _lock, LockRank.Allocator);
        for (int i = 0; i < count; i++)
        {
            PageFrame* page = Record(low + (uint)i);
            page->Next = 0;
            page->FlagBits = (uint)FrameFlags.Free;
        }

        _granted -= (ulong)count;
        SpinWord.Exit(ref _lock, LockRank.Allocator);
    }
}
