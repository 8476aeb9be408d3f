using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.Locking;
using Hmm.Core.Machines;

namespace Hmm.Core.Frames;

/// <summary>Hands out system frames, single or as aligned blocks of 512.</summary>
/// <remarks>
/// Two orders are all the engine needs: single frames are cut from blocks, and a block whose frames are all free becomes a block again.
/// Last freed, first handed out, so that a run is deterministic. Thread-safe; its lock is a leaf of the lock order. INV-01: a frame is
/// marked free exactly while it is in a list of this allocator, and then has no reference and no mapping. Frames with fixed places are in no list;
/// see FrameAllocator.Places.cs.
/// </remarks>
internal sealed unsafe partial class FrameAllocator
{
    private readonly FrameTable _frames;
    private readonly ulong _limit;
    private uint _singles;
    private uint _blocks;
    private int _lock;
    private ulong _granted;

    /// <param name="frames">The table that records live in.</param>
    /// <param name="limit">How many system frames may be in use at once.</param>
    /// <param name="machine">Discards the bytes of frames with fixed places.</param>
    public FrameAllocator(FrameTable frames, ulong limit, IMachine machine)
    {
        _frames = frames;
        _machine = machine;
        _limit = limit;
    }

    /// <summary>System frames handed out and not given back.</summary>
    public ulong InUse => _granted;

    /// <summary>Number of the first free single frame, 0 for none; the rest by <see cref="PageFrame.Next"/>. For checks.</summary>
    public uint FirstFreeSingle => _singles;

    /// <summary>Number of the first free block's first frame, 0 for none; the rest by <see cref="PageFrame.Next"/>. For checks.</summary>
    public uint FirstFreeBlock => _blocks;

    /// <summary>Watches free frames; null for nobody. Set it before the engine is used.</summary>
    public FramePoison? Poison { get; set; }

    /// <summary>Takes a frame, zeroed unless the caller fills it whole; null if memory is out.</summary>
    public PageFrame* TryTake(bool zero)
    {
        PageFrame* page = null;
        SpinWord.Enter(ref _lock, LockRank.Allocator);
        try
        {
            if (_granted < _limit && (_singles != 0 || BreakBlock()))
            {
                page = Record(_singles);
                Unlink(ref _singles, page);
                _frames.FreeInBlock(page->SelfPfn)--;
                _granted++;
            }
        }
        finally
        {
            SpinWord.Exit(ref _lock, LockRank.Allocator);
        }

        if (page != null)
        {
            Poison?.Exhume(page);
            Prepare(page, zero);
        }

        return page;
    }

    /// <summary>Takes an aligned block of 512 zeroed frames as one huge folio; null if there is none.</summary>
    public PageFrame* TryTakeHuge()
    {
        PageFrame* head = null;
        SpinWord.Enter(ref _lock, LockRank.Allocator);
        try
        {
            if (_granted + PageConstants.HugePages <= _limit && (_blocks != 0 || Grow()))
            {
                head = Record(_blocks);
                Unlink(ref _blocks, head);
                _granted += PageConstants.HugePages;
            }
        }
        finally
        {
            SpinWord.Exit(ref _lock, LockRank.Allocator);
        }

        if (head == null)
        {
            return null;
        }

        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            Poison?.Exhume(head + i);
        }

        PrepareHuge(head);
        if (_frames.HasContents)
        {
            NativeMemory.Clear(_frames.Data(head), (nuint)PageConstants.PmdSize);
        }

        return head;
    }

    /// <summary>Takes a single frame back that nobody refers to.</summary>
    public void Return(PageFrame* page)
    {
        if (_frames.IsPlaced(page->Pfn))
        {
            ReturnPlaced(page, 1);
            return;
        }

        Poison?.Bury(page);
        SpinWord.Enter(ref _lock, LockRank.Allocator);
        PushSingle(page);
        _granted--;
        SpinWord.Exit(ref _lock, LockRank.Allocator);
    }

    /// <summary>Takes a huge folio back that nobody refers to.</summary>
    public void ReturnHuge(PageFrame* head)
    {
        if (_frames.IsPlaced(head->Pfn))
        {
            ReturnPlaced(head, PageConstants.HugePages);
            return;
        }

        for (int i = 0; Poison != null && i < PageConstants.HugePages; i++)
        {
            Poison.Bury(head + i);
        }

        SpinWord.Enter(ref _lock, LockRank.Allocator);
        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            head[i].FlagBits = (uint)FrameFlags.Free;
            head[i].HeadDistance = 0;
        }

        Push(ref _blocks, head);
        _granted -= PageConstants.HugePages;
        SpinWord.Exit(ref _lock, LockRank.Allocator);
    }

    private static void Prepare(PageFrame* page)
    {
        page->RefCount = 1;
        page->MapCount = 0;
        page->LargeMapCount = 0;
        page->EntireMapCount = 0;
        page->PinCount = 0;
        page->MappingId = 0;
        page->HeadDistance = 0;
        page->Index = 0;
        page->Private = 0;
        page->FlagBits = 0;
    }

    private static void PrepareHuge(PageFrame* head)
    {
        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            Prepare(head + i);
            head[i].RefCount = i == 0 ? 1 : 0;
            head[i].HeadDistance = i;
            head[i].FlagBits = (uint)(i == 0 ? FrameFlags.Head : FrameFlags.Tail);
        }
    }

    private void Prepare(PageFrame* page, bool zero)
    {
        Prepare(page);
        if (zero && _frames.HasContents)
        {
            NativeMemory.Clear(_frames.Data(page), PageConstants.PageSize);
        }
    }

    private bool BreakBlock()
    {
        if (_blocks == 0 && !Grow())
        {
            return false;
        }

        PageFrame* head = Record(_blocks);
        Unlink(ref _blocks, head);
        // Pushed from the end, so that frames are handed out in ascending order.
        for (int i = PageConstants.HugePages - 1; i >= 0; i--)
        {
            PageFrame* page = head + i;
            page->FlagBits = (uint)FrameFlags.Free;
            Push(ref _singles, page);
        }

        _frames.FreeInBlock(head->SelfPfn) = PageConstants.HugePages;
        return true;
    }

    private bool Grow()
    {
        if (!_frames.TryAddChunk(MemoryKind.System, 0, 0, out Pfn first))
        {
            return false;
        }

        for (int block = FrameTable.ChunkFrames / PageConstants.HugePages - 1; block >= 0; block--)
        {
            // Frame 0 means "no frame", so its block is never used.
            if (!first.IsNone || block > 0)
            {
                PageFrame* head = _frames.Record(first.Add(block * PageConstants.HugePages));
                head->FlagBits = (uint)FrameFlags.Free;
                Push(ref _blocks, head);
            }
        }

        return true;
    }

    private void PushSingle(PageFrame* page)
    {
        page->FlagBits = (uint)FrameFlags.Free;
        page->HeadDistance = 0;
        Push(ref _singles, page);
        if (++_frames.FreeInBlock(page->SelfPfn) != PageConstants.HugePages)
        {
            return;
        }

        PageFrame* head = Record(page->SelfPfn & ~(uint)(PageConstants.HugePages - 1));
        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            Unlink(ref _singles, head + i);
        }

        _frames.FreeInBlock(page->SelfPfn) = 0;
        Push(ref _blocks, head);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PageFrame* Record(uint pfn) => _frames.Record(new Pfn(pfn));

    private void Push(ref uint list, PageFrame* page)
    {
        page->Prev = 0;
        page->Next = list;
        if (list != 0)
        {
            Record(list)->Prev = page->SelfPfn;
        }

        list = page->SelfPfn;
    }

    private void Unlink(ref uint list, PageFrame* page)
    {
        if (page->Prev == 0)
        {
            list = page->Next;
        }
        else
        {
            Record(page->Prev)->Next = page->Next;
        }

        if (page->Next != 0)
        {
            Record(page->Next)->Prev = page->Prev;
        }

        page->Next = 0;
        page->Prev = 0;
    }
}
