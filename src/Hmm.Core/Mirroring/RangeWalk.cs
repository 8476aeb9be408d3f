using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;
using Hmm.Core.PageTables;

namespace Hmm.Core.Mirroring;

/// <summary>One range fault under way: walks mappings and tables and writes words. The only walker that mirrors use.</summary>
internal ref partial struct RangeWalk<TEncoding>
    where TEncoding : struct, IPfnEncoding
{
    private readonly AddressSpace _space;
    private readonly Span<ulong> _words;
    private readonly ReadOnlySpan<ulong> _requests;
    private readonly Span<PageObstacle> _obstacles;
    private readonly HmmPfnFlags _default;
    private readonly ulong _mask;
    private readonly bool _canFault;
    private readonly bool _isExact;
    private readonly object? _owner;
    private readonly ulong _start;
    private readonly ulong _end;

    /// <summary>First address without a result.</summary>
    private ulong _last;

    /// <summary>End of what was faulted last.</summary>
    private ulong _faulted;

    /// <summary>How often in a row the page at <see cref="_last"/> was faulted.</summary>
    private int _attempts;

    /// <summary>Of the first page that could not be had, when the walk goes on nevertheless.</summary>
    private HmmStatus _firstObstacle;

    public RangeWalk(ref HmmRange range)
    {
        _space = range.Space;
        _words = range.Pfns;
        _requests = range.Requests;
        _obstacles = range.Obstacles;
        _isExact = range.Profile == FaultProfile.Exact;
        _default = TEncoding.DecodeRequest(range.DefaultFlags);
        _mask = range.PfnFlagsMask;
        _owner = TEncoding.ReachesDeviceMemory ? range.DevicePrivateOwner : null;
        _start = range.Range.Start.Value;
        _end = range.Range.End.Value;
        _last = _start;
        _faulted = _start;
        HmmPfnFlags possible = _default | (_requests.IsEmpty ? HmmPfnFlags.None : TEncoding.DecodeRequest(_mask));
        _canFault = (possible & HmmPfnFlags.RequestFault) != 0;
        _obstacles.Clear();
    }

    /// <summary>How many pages from the start have a result, or have been faulted so that they will have one.</summary>
    public readonly int PagesWalked => Page(Math.Max(_last, _faulted));

    /// <summary>Walks on from where it stopped; Again if something was faulted or waited for, and the caller must check the sequence.</summary>
    public HmmStatus Go()
    {
        ulong at = _last;
        while (at < _end)
        {
            Vma? vma = _space.Vmas.AtOrAfter(at);
            bool isHole = vma == null || vma.StartValue > at;
            ulong pieceEnd = Math.Min(_end, vma == null ? _end : isHole ? vma.StartValue : vma.EndValue);
            PageObstacle obstacle = isHole ? PageObstacle.Hole
                : vma!.Is(VmaFlags.IO | VmaFlags.PfnMap) ? PageObstacle.Special
                : vma.Is(VmaFlags.Read) ? PageObstacle.None : PageObstacle.NotReadable;
            HmmStatus status = obstacle != PageObstacle.None ? Unreachable(at, pieceEnd, obstacle) : Mapping(vma!, at, pieceEnd);
            if (status != HmmStatus.Success)
            {
                return status;
            }

            at = pieceEnd;
        }

        return _firstObstacle;
    }

    private readonly int Page(ulong address) => (int)((address - _start) >> PageConstants.PageShift);

    private HmmStatus Fill(ulong start, ulong end, ulong word)
    {
        _words[Page(start)..Page(end)].Fill(word);
        return HmmStatus.Success;
    }

    private HmmStatus Unreachable(ulong start, ulong end, PageObstacle obstacle)
    {
        ulong word = obstacle == PageObstacle.Special ? TEncoding.EncodeSpecial<TEncoding>() : TEncoding.Error;
        if (NeedAny(start, end, HmmPfnFlags.None) == 0)
        {
            return Fill(start, end, word);
        }

        if (!_isExact)
        {
            _last = start;
            return HmmStatus.Fault;
        }

        for (ulong address = start; address < end; address += PageConstants.PageSize)
        {
            if (Need(Page(address), HmmPfnFlags.None) != 0)
            {
                Note(address, obstacle);
            }
        }

        return Fill(start, end, word);
    }

    private HmmStatus Mapping(Vma vma, ulong start, ulong end)
    {
        PageTableCursor cursor = new(_space.PageTable, start, end);
        while (cursor.MoveNext())
        {
            Pte pmd = cursor.Pmd.Read();
            HmmStatus status = pmd.IsNone ? Hole(vma, cursor.Start, cursor.End)
                : pmd.IsHuge ? Huge(vma, pmd, cursor.Start, cursor.End)
                : Leaf(vma, cursor.Pmd, pmd, cursor.Start, cursor.End);
            if (status != HmmStatus.Success)
            {
                return status;
            }
        }

        return HmmStatus.Success;
    }

    private HmmStatus Hole(Vma vma, ulong start, ulong end)
    {
        HmmPfnFlags need = NeedAny(start, end, HmmPfnFlags.None);
        if (need == 0)
        {
            return Fill(start, end, TEncoding.None);
        }

        if (!_isExact)
        {
            return Fault(vma, start, end, need);
        }

        // The first fault makes a table, and the walk comes back to see it.
        for (ulong address = start; address < end; address += PageConstants.PageSize)
        {
            HmmPfnFlags one = Need(Page(address), HmmPfnFlags.None);
            HmmStatus status = one == 0 ? Fill(address, address + PageConstants.PageSize, TEncoding.None) : FaultOne(vma, address, one);
            if (status != HmmStatus.Success)
            {
                return status;
            }
        }

        return HmmStatus.Success;
    }

    private HmmStatus Huge(Vma vma, Pte pmd, ulong start, ulong end)
    {
        HmmPfnFlags cpu = CpuFlags(pmd);
        HmmPfnFlags need = NeedAny(start, end, cpu);
        if (need != 0)
        {
            return _isExact ? HugeByPage(vma, pmd, cpu, start, end) : Fault(vma, start, end, need);
        }

        FillHuge(pmd, cpu, start, end);
        return HmmStatus.Success;
    }

    // Word for word, since a page that is refused keeps its error.
    private HmmStatus HugeByPage(Vma vma, Pte pmd, HmmPfnFlags cpu, ulong start, ulong end)
    {
        for (ulong address = start; address < end; address += PageConstants.PageSize)
        {
            HmmPfnFlags one = Need(Page(address), cpu);
            if (one == 0)
            {
                FillHuge(pmd, cpu, address, address + PageConstants.PageSize);
                continue;
            }

            HmmStatus status = FaultOne(vma, address, one);
            if (status != HmmStatus.Success)
            {
                return status;
            }
        }

        return HmmStatus.Success;
    }

    private readonly void FillHuge(Pte pmd, HmmPfnFlags cpu, ulong start, ulong end)
    {
        Pfn pfn = pmd.Pfn.Add((int)((start & (PageConstants.PmdSize - 1)) >> PageConstants.PageShift));
        Span<ulong> words = _words[Page(start)..Page(end)];
        if (cpu == 0)
        {
            for (int i = 0; i < words.Length; i++)
            {
                words[i] = TEncoding.EncodeInaccessible<TEncoding>(pfn.Add(i));
            }
        }
        else
        {
            Progression.Fill(words, TEncoding.EncodeSystem(pfn, pmd.IsWritable, PageConstants.HugeOrder), TEncoding.FrameStride);
        }
    }

    private unsafe HmmStatus Leaf(Vma vma, PmdSlot slot, Pte pmd, ulong start, ulong end)
    {
        ulong* word = PageTable.FindLeafWord(pmd, start);
        int first = Page(start);
        int count = Page(end) - first;
        int done = 0;
        while (done < count)
        {
            if (!_canFault)
            {
                done = CopyPlain(word, first, done, count);
                if (done == count)
                {
                    break;
                }
            }

            HmmStatus status = Entry(vma, slot, Pte.Read(word + done), start + ((ulong)done << PageConstants.PageShift), end);
            if (status != HmmStatus.Success)
            {
                return status;
            }

            done++;
        }

        return HmmStatus.Success;
    }

    /// <summary>The loop that snapshots live in: entries that are present or none, one word each, until one is something else.</summary>
    /// <returns>How many words are done.</returns>
    /// <remarks>Eight bytes that are aligned are read whole, also as part of a wider read, and on processors that have these vectors every read
    /// acquires; INV-02 needs no more.</remarks>
    private readonly unsafe int CopyPlain(ulong* word, int first, int done, int count)
    {
        ref ulong target = ref MemoryMarshal.GetReference(_words[first..]);
        if (Avx2.IsSupported)
        {
            for (; done <= count - 4; done += 4)
            {
                Vector256<ulong> entries = Vector256.Load(word + done);
                Vector256<ulong> present = Pte.WherePresentAndAccessible(entries);
                if ((present | Vector256.Equals(entries, Vector256<ulong>.Zero)) != Vector256<ulong>.AllBitsSet)
                {
                    break;
                }

                Vector256<ulong> words = TEncoding.EncodeSystem<TEncoding>(Pte.FrameAddresses(entries), Pte.WritableBits(entries));
                Vector256.ConditionalSelect(present, words, Vector256.Create(TEncoding.None)).StoreUnsafe(ref target, (nuint)done);
            }
        }

        for (; done < count; done++)
        {
            Pte entry = Pte.Read(word + done);
            if (!entry.IsPresentAndAccessible)
            {
                break;
            }

            Unsafe.Add(ref target, done) = TEncoding.EncodeSystem(entry.Pfn, entry.IsWritable, 0);
        }

        return done;
    }

    private HmmStatus Entry(Vma vma, PmdSlot slot, Pte entry, ulong address, ulong end)
    {
        int page = Page(address);
        if (!entry.IsPresent)
        {
            return NotPresent(vma, slot, entry, address, end);
        }

        HmmPfnFlags cpu = CpuFlags(entry);
        HmmPfnFlags need = _canFault ? Need(page, cpu) : HmmPfnFlags.None;
        if (need != 0)
        {
            return _isExact ? FaultOne(vma, address, need) : Fault(vma, address, end, need);
        }

        _words[page] = cpu == 0 ? TEncoding.EncodeInaccessible<TEncoding>(entry.Pfn) : TEncoding.EncodeSystem(entry.Pfn, entry.IsWritable, 0);
        return HmmStatus.Success;
    }

    private HmmStatus NotPresent(Vma vma, PmdSlot slot, Pte entry, ulong address, ulong end)
    {
        int page = Page(address);
        bool isOwn = entry.IsDevicePrivate && _owner != null && _owner == _space.Engine.DeviceOwner(entry.Pfn);
        if (isOwn && !IsAskedHome(page))
        {
            return OwnMemory(entry, address);
        }

        HmmPfnFlags need = _canFault ? Need(page, HmmPfnFlags.None) : HmmPfnFlags.None;
        if (need == 0)
        {
            _words[page] = entry.Kind == PteKind.HwPoison ? TEncoding.EncodePoisoned<TEncoding>() : TEncoding.None;
            return HmmStatus.Success;
        }

        if (entry.IsMigration)
        {
            // What another page was faulted before does not count for this one.
            _attempts = _last == address ? _attempts : 0;
            _last = address;
            SwapFaults.WaitForMigration(_space, slot, address, entry);
            return HmmStatus.Again;
        }

        if (entry.Kind == PteKind.HwPoison)
        {
            return Poisoned(address);
        }

        return _isExact ? FaultOne(vma, address, need) : Fault(vma, address, end, need);
    }

    private HmmStatus Poisoned(ulong address)
    {
        if (_isExact)
        {
            return Refuse(address, PageObstacle.Poisoned);
        }

        _last = address;
        return HmmStatus.Fault;
    }

    // Reported where it is, whatever was asked: a write request may come back without the write permission.
    private HmmStatus OwnMemory(Pte entry, ulong address)
    {
        int page = Page(address);
        bool writable = entry.Kind == PteKind.DeviceWrite;
        _words[page] = TEncoding.EncodeDevice(entry.Pfn, _space.Engine.Frames.DeviceAddress(entry.Pfn), writable);
        HmmPfnFlags cpu = writable ? HmmPfnFlags.Valid | HmmPfnFlags.Write : HmmPfnFlags.Valid;
        if (_isExact && Need(page, cpu) != 0)
        {
            Note(address, PageObstacle.ReadOnlyDeviceMemory);
        }

        return HmmStatus.Success;
    }

    private static HmmPfnFlags CpuFlags(Pte entry) =>
        entry.IsProtNone ? HmmPfnFlags.None : entry.IsWritable ? HmmPfnFlags.Valid | HmmPfnFlags.Write : HmmPfnFlags.Valid;
}
