using System;
using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Locking;
using Hmm.Core.Machines;

namespace Hmm.Core.Swapping;

/// <summary>Swap slots and the swap cache.</summary>
/// <remarks>
/// A slot has a count of the entries (of page tables, or of a file's cache) that name it, and possibly a cached page. It is free when
/// both are gone. INV-07: a page with the SwapCache flag holds a reference for the cache, and its slot names it. Thread-safe; a leaf lock.
/// </remarks>
internal sealed unsafe class SwapArea : IDisposable
{
    private readonly IMachine _machine;
    private readonly FrameTable _frames;
    private Slot* _slots;
    private uint _capacity;
    private uint _fresh = 1;
    private uint _free;
    private int _lock;
    private long _inUse;

    public SwapArea(IMachine machine, FrameTable frames)
    {
        _machine = machine;
        _frames = frames;
        _capacity = 1024;
        _slots = (Slot*)NativeMemory.AllocZeroed(_capacity, (nuint)sizeof(Slot));
    }

    /// <summary>Slots that are not free, for leak checks.</summary>
    public long InUse => _inUse;

    /// <summary>Slots that were ever used have smaller numbers, for checks.</summary>
    internal uint SlotsEnd => _fresh;

    /// <summary>The first free slot that was used before, for checks; the rest by <see cref="NextFree"/>.</summary>
    internal uint FirstFree => _free;

    /// <summary>The free slot after a free slot, for checks.</summary>
    internal uint NextFree(uint slot) => _slots[slot].NextFree;

    /// <summary>The frame that caches a slot, 0 for none. For checks.</summary>
    internal uint CachedPfn(uint slot) => _slots[slot].CachePfn;

    /// <summary>Takes a slot for a locked anonymous page and enters the page into the cache; false if there is no room.</summary>
    public bool TryAdd(PageFrame* page)
    {
        SpinWord.Enter(ref _lock, LockRank.Swap);
        uint slot = TakeSlot();
        if (slot != 0)
        {
            _slots[slot] = new Slot { CachePfn = page->SelfPfn };
            page->Private = slot;
            page->Set(FrameFlags.SwapCache);
            System.Threading.Interlocked.Increment(ref page->RefCount);
        }

        SpinWord.Exit(ref _lock, LockRank.Swap);
        return slot != 0;
    }

    /// <summary>Enters a page that was just read in; the page that is there already if somebody was faster, otherwise null.</summary>
    public PageFrame* AddToCache(uint slot, PageFrame* page)
    {
        SpinWord.Enter(ref _lock, LockRank.Swap);
        PageFrame* there = CachedUnlocked(slot);
        if (there == null)
        {
            _slots[slot].CachePfn = page->SelfPfn;
            page->Private = slot;
            page->Set(FrameFlags.SwapCache);
            System.Threading.Interlocked.Increment(ref page->RefCount);
        }

        SpinWord.Exit(ref _lock, LockRank.Swap);
        return there;
    }

    /// <summary>The cached page with a reference for the caller, or null.</summary>
    public PageFrame* FindCached(uint slot)
    {
        SpinWord.Enter(ref _lock, LockRank.Swap);
        PageFrame* page = CachedUnlocked(slot);
        SpinWord.Exit(ref _lock, LockRank.Swap);
        return page;
    }

    /// <summary>Another entry names the slot.</summary>
    public void Duplicate(uint slot)
    {
        SpinWord.Enter(ref _lock, LockRank.Swap);
        _slots[slot].Count++;
        SpinWord.Exit(ref _lock, LockRank.Swap);
    }

    /// <summary>An entry does not name the slot any more. A cached page that nothing names stays until somebody takes it out.</summary>
    public void Release(uint slot)
    {
        SpinWord.Enter(ref _lock, LockRank.Swap);
        _slots[slot].Count--;
        FreeIfUnused(slot);
        SpinWord.Exit(ref _lock, LockRank.Swap);
    }

    /// <summary>Whether the page is in the cache of a slot that no entry names.</summary>
    public bool IsUnneeded(PageFrame* page)
    {
        SpinWord.Enter(ref _lock, LockRank.Swap);
        bool unneeded = page->Has(FrameFlags.SwapCache) && _slots[(uint)page->Private].Count == 0;
        SpinWord.Exit(ref _lock, LockRank.Swap);
        return unneeded;
    }

    /// <summary>An entry does not name the slot any more; if it was the last one, gives the cached page, with a reference for the caller.</summary>
    /// <remarks>In one step: a page that enters the cache between a look and the release would be left without anybody to take it out.</remarks>
    public PageFrame* ReleaseAndFind(uint slot)
    {
        SpinWord.Enter(ref _lock, LockRank.Swap);
        PageFrame* page = --_slots[slot].Count == 0 ? CachedUnlocked(slot) : null;
        FreeIfUnused(slot);
        SpinWord.Exit(ref _lock, LockRank.Swap);
        return page;
    }

    /// <summary>How many entries name the slot.</summary>
    public int Count(uint slot)
    {
        SpinWord.Enter(ref _lock, LockRank.Swap);
        int count = _slots[slot].Count;
        SpinWord.Exit(ref _lock, LockRank.Swap);
        return count;
    }

    /// <summary>Takes a locked page out of the cache if no entry names its slot; the caller still has to drop the cache's reference.</summary>
    public bool TryRemove(PageFrame* page, bool evenIfNamed)
    {
        SpinWord.Enter(ref _lock, LockRank.Swap);
        uint slot = (uint)page->Private;
        bool removed = page->Has(FrameFlags.SwapCache) && (evenIfNamed || _slots[slot].Count == 0);
        if (removed)
        {
            page->Clear(FrameFlags.SwapCache);
            page->Private = 0;
            _slots[slot].CachePfn = 0;
            FreeIfUnused(slot);
        }

        SpinWord.Exit(ref _lock, LockRank.Swap);
        return removed;
    }

    public void Dispose()
    {
        NativeMemory.Free(_slots);
        _slots = null;
    }

    private PageFrame* CachedUnlocked(uint slot)
    {
        uint pfn = _slots[slot].CachePfn;
        if (pfn == 0)
        {
            return null;
        }

        PageFrame* page = _frames.Record(new Pfn(pfn));
        System.Threading.Interlocked.Increment(ref page->RefCount);
        return page;
    }

    private uint TakeSlot()
    {
        uint slot = _free;
        if (slot != 0)
        {
            _free = _slots[slot].NextFree;
        }
        else
        {
            if (_fresh == _capacity)
            {
                uint larger = _capacity * 2;
                _slots = (Slot*)NativeMemory.Realloc(_slots, larger * (nuint)sizeof(Slot));
                NativeMemory.Clear(_slots + _capacity, _capacity * (nuint)sizeof(Slot));
                _capacity = larger;
            }

            slot = _fresh++;
        }

        _inUse++;
        return slot;
    }

    private void FreeIfUnused(uint slot)
    {
        if (_slots[slot].Count == 0 && _slots[slot].CachePfn == 0)
        {
            _machine.SwapFree(slot);
            _slots[slot].NextFree = _free;
            _free = slot;
            _inUse--;
        }
    }

    private struct Slot
    {
        /// <summary>The cached page, or 0. Not used for anything else: a fault may ask for a slot that was freed a moment ago.</summary>
        public uint CachePfn;

        /// <summary>In a free slot, the next free one.</summary>
        public uint NextFree;
        public int Count;
    }
}
