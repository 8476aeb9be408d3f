using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;
using Hmm.Core.PageTables;

namespace Hmm.Core.Mirroring;

/// <summary>One range fault under way: walks mappings and tables and writes words. The only walker that mirrors use.</summary>
internal ref struct RangeWalk<TEncoding>
    where TEncoding : struct, IPfnEncoding
{
    private readonly AddressSpace _space;
    private readonly Span<ulong> _words;
    private readonly ReadOnlySpan<ulong> _requests;
    private readonly HmmPfnFlags _default;
    private readonly ulong _mask;
    private readonly bool _canFault;
    private readonly object? _owner;
    private readonly ulong _start;
    private readonly ulong _end;

    /// <summary>First address without a result.</summary>
    private ulong _last;

    public RangeWalk(ref HmmRange range)
    {
        _space = range.Space;
        _words = range.Pfns;
        _requests = range.Requests;
        _default = TEncoding.DecodeRequest(range.DefaultFlags);
        _mask = range.PfnFlagsMask;
        _owner = range.DevicePrivateOwner;
        _start = range.Range.Start.Value;
        _end = range.Range.End.Value;
        _last = _start;
        HmmPfnFlags possible = _default | (_requests.IsEmpty ? HmmPfnFlags.None : TEncoding.DecodeRequest(_mask));
        _canFault = (possible & HmmPfnFlags.RequestFault) != 0;
    }

    /// <summary>Walks on from where it stopped; Again if something was faulted or waited for, and the caller must check the sequence.</summary>
    public HmmStatus Go()
    {
        ulong at = _last;
        while (at < _end)
        {
            Vma? vma = _space.Vmas.AtOrAfter(at);
            bool isHole = vma == null || vma.StartValue > at;
            ulong pieceEnd = Math.Min(_end, vma == null ? _end : isHole ? vma.StartValue : vma.EndValue);
            HmmStatus status = isHole || vma!.Is(VmaFlags.IO | VmaFlags.PfnMap) || !vma.Is(VmaFlags.Read)
                ? Unreachable(at, pieceEnd)
                : Mapping(vma, at, pieceEnd);
            if (status != HmmStatus.Success)
            {
                return status;
            }

            at = pieceEnd;
        }

        return HmmStatus.Success;
    }

    private readonly int Page(ulong address) => (int)((address - _start) >> PageConstants.PageShift);

    private readonly HmmPfnFlags Need(int page, HmmPfnFlags cpu)
    {
        HmmPfnFlags request = _default;
        if (!_requests.IsEmpty)
        {
            request |= TEncoding.DecodeRequest(_requests[page] & _mask);
        }

        if ((request & HmmPfnFlags.RequestFault) == 0)
        {
            return HmmPfnFlags.None;
        }

        if ((request & HmmPfnFlags.RequestWrite) != 0 && (cpu & HmmPfnFlags.Write) == 0)
        {
            return HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite;
        }

        return (cpu & HmmPfnFlags.Valid) == 0 ? HmmPfnFlags.RequestFault : HmmPfnFlags.None;
    }

    private readonly HmmPfnFlags NeedAny(ulong start, ulong end, HmmPfnFlags cpu)
    {
        HmmPfnFlags need = HmmPfnFlags.None;
        for (int page = Page(start); _canFault && page < Page(end); page++)
        {
            need |= Need(page, cpu);
            if (need == (HmmPfnFlags.RequestFault | HmmPfnFlags.RequestWrite))
            {
                break;
            }
        }

        return need;
    }

    private HmmStatus Fill(ulong start, ulong end, ulong word)
    {
        _words[Page(start)..Page(end)].Fill(word);
        return HmmStatus.Success;
    }

    private HmmStatus Unreachable(ulong start, ulong end) =>
        NeedAny(start, end, HmmPfnFlags.None) != 0 ? HmmStatus.Fault : Fill(start, end, TEncoding.Error);

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
        return need != 0 ? Fault(vma, start, end, need) : Fill(start, end, TEncoding.None);
    }

    private HmmStatus Huge(Vma vma, Pte pmd, ulong start, ulong end)
    {
        HmmPfnFlags cpu = CpuFlags(pmd);
        HmmPfnFlags need = NeedAny(start, end, cpu);
        if (need != 0)
        {
            return Fault(vma, start, end, need);
        }

        Pfn pfn = pmd.Pfn.Add((int)((start & (PageConstants.PmdSize - 1)) >> PageConstants.PageShift));
        int first = Page(start);
        int count = Page(end) - first;
        int order = cpu == 0 ? 0 : PageConstants.HugeOrder;
        for (int i = 0; i < count; i++)
        {
            _words[first + i] = TEncoding.Encode(pfn.Add(i), cpu, order);
        }

        return HmmStatus.Success;
    }

    private unsafe HmmStatus Leaf(Vma vma, PmdSlot slot, Pte pmd, ulong start, ulong end)
    {
        ulong* word = PageTable.FindLeafWord(pmd, start);
        for (ulong address = start; address < end; address += PageConstants.PageSize, word++)
        {
            HmmStatus status = Entry(vma, slot, Pte.Read(word), address, end);
            if (status != HmmStatus.Success)
            {
                return status;
            }
        }

        return HmmStatus.Success;
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
            return Fault(vma, address, end, need);
        }

        _words[page] = TEncoding.Encode(entry.Pfn, cpu, 0);
        return HmmStatus.Success;
    }

    private HmmStatus NotPresent(Vma vma, PmdSlot slot, Pte entry, ulong address, ulong end)
    {
        int page = Page(address);
        if (entry.IsDevicePrivate && IsOwn(entry.Pfn))
        {
            // Reported where it is, whatever was asked: a write request may come back without the write permission.
            HmmPfnFlags own = HmmPfnFlags.Valid | (entry.Kind == PteKind.DeviceWrite ? HmmPfnFlags.Write : HmmPfnFlags.None);
            _words[page] = TEncoding.Encode(entry.Pfn, own, 0);
            return HmmStatus.Success;
        }

        HmmPfnFlags need = _canFault ? Need(page, HmmPfnFlags.None) : HmmPfnFlags.None;
        if (need == 0)
        {
            _words[page] = TEncoding.None;
            return HmmStatus.Success;
        }

        if (entry.IsMigration)
        {
            _last = address;
            SwapFaults.WaitForMigration(_space, slot, address, entry);
            return HmmStatus.Again;
        }

        return entry.Kind == PteKind.HwPoison ? HmmStatus.Fault : Fault(vma, address, end, need);
    }

    private static HmmPfnFlags CpuFlags(Pte entry) =>
        entry.IsProtNone ? HmmPfnFlags.None : entry.IsWritable ? HmmPfnFlags.Valid | HmmPfnFlags.Write : HmmPfnFlags.Valid;

    private readonly unsafe bool IsOwn(Pfn pfn) =>
        _owner != null && _space.Engine.Pagemaps[_space.Engine.Frames.Record(pfn)->PagemapId].Owner == _owner;

    // Faults everything from the page in need to the end of the piece, as Linux does: neighbours come along, and fail along.
    private HmmStatus Fault(Vma vma, ulong start, ulong end, HmmPfnFlags need)
    {
        _last = start;
        FaultFlags flags = FaultFlags.Remote;
        if ((need & HmmPfnFlags.RequestWrite) != 0)
        {
            if (!vma.Is(VmaFlags.Write))
            {
                return HmmStatus.NotPermitted;
            }

            flags |= FaultFlags.Write;
        }

        for (ulong address = start; address < end; address += PageConstants.PageSize)
        {
            if ((PageFaults.Handle(vma, address, flags) & VmFaultResult.Error) != 0)
            {
                return HmmStatus.Fault;
            }
        }

        return HmmStatus.Again;
    }
}
