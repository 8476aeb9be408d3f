using System;
using System.Threading;
using Hmm.Core.Addressing;

namespace Hmm.Pager.Devices;

// A pool without room: what it takes then, and what gives it room again.
//
// A disk is full when it says so. From then on only pages go there that have their room already, or that somebody else's page has left; so no sweep
// tries all pages in vain. Now and then it is asked anew: others may have freed something.
internal sealed partial class PoolDevice
{
    /// <summary>Times that room is wanted in vain until a full disk is asked again.</summary>
    private const int ProbeInterval = 256;

    /// <summary>Slots whose pages nobody needs and whose room the pool still keeps: giving it back at once would cost a system call a page.</summary>
    private readonly PageBits? _stale;

    private long _staleCount;
    private long _room;
    private long _refusals;
    private int _wanted;
    private volatile bool _isFull;
    private volatile bool _isExhausted;

    /// <summary>How many pages could leave RAM for this device, as far as is known; at most so many.</summary>
    public int RoomFor(int pageCount)
    {
        long left = (long)Math.Min(_capacityPages - Math.Min((ulong)Pagemap.PagesInUse, _capacityPages), (ulong)pageCount);
        if (_isFull && Interlocked.Increment(ref _wanted) % ProbeInterval == 0)
        {
            AskAgain();
        }

        if (_isFull)
        {
            long room = Interlocked.Read(ref _room);
            left = room > 0 || _isExhausted ? Math.Min(left, room) : left;
        }

        if (left == 0)
        {
            NoteRefusal(-Linux.Errno.ENOSPC);
        }

        return (int)left;
    }

    /// <summary>How often a page could not be stored, or was not even tried for want of room.</summary>
    public long Refusals => Interlocked.Read(ref _refusals);

    /// <summary>Takes it for possible that a full disk has room again.</summary>
    public void AskAgain() => SetFull(false);

    /// <summary>No page could leave: not even those that have room in the pool are in RAM any more.</summary>
    public void NoteExhausted() => _isExhausted = _isFull;

    private void NoteRefusal(int error)
    {
        _space.BusErrors.NotePoolError(error);
        Interlocked.Increment(ref _refusals);
    }

    private void SetFull(bool isFull)
    {
        Interlocked.Exchange(ref _room, 0);
        _isExhausted = false;
        _isFull = isFull;
    }

    // Whether storing a page can succeed, as far as is known. What is used of the room that others left is gone, whatever comes of it.
    private bool HasRoomFor(ulong slot)
    {
        if (!_isFull || _kept![slot] || _stale![slot])
        {
            return true;
        }

        if (Interlocked.Decrement(ref _room) >= 0)
        {
            return true;
        }

        Interlocked.Increment(ref _room);
        return false;
    }

    // The disk has no room for a page.
    private void NoteFull()
    {
        SetFull(true);
        for (ulong slot = 0; _stale != null && Interlocked.Read(ref _staleCount) > 0 && _stale.TryTakeNext(ref slot); slot++)
        {
            Interlocked.Decrement(ref _staleCount);

            // Its room is given back only by who has the place: somebody may be storing there now.
            if (Pagemap.TryTakePageAt(slot, out Pfn page))
            {
                _pool.Discard(slot, 1);
                Interlocked.Increment(ref _room);
                Pagemap.ReturnUnused(page);
            }
        }
    }

    private void MarkStale(ulong slot)
    {
        if (_isFull)
        {
            _pool.Discard(slot, 1);
            Interlocked.Increment(ref _room);
        }
        else if (_stale!.Set(slot))
        {
            Interlocked.Increment(ref _staleCount);
        }
    }

    private void MarkUsed(ulong slot)
    {
        if (_stale!.Clear(slot))
        {
            Interlocked.Decrement(ref _staleCount);
        }
    }
}
