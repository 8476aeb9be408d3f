using System;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Mirroring;

namespace Hmm.Simulation.TestMirrors;

// Reading, writing and looking: everything that goes through range faults.
public sealed partial class TestMirror
{
    /// <summary>Receives a page that the device reads.</summary>
    /// <param name="index">Which page of the range.</param>
    /// <param name="page">Its bytes; valid during the call only.</param>
    public delegate void PageReader(int index, ReadOnlySpan<byte> page);

    /// <summary>The device reads a range, faulting what its page table lacks.</summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="reader">Gets each page, possibly before a later one fails.</param>
    /// <param name="faults">How many faults it took.</param>
    /// <returns>Success; Fault, Busy, Invalid.</returns>
    public HmmStatus Read(VirtualRange range, PageReader reader, out long faults)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return FaultUntilDone(range, (at, end) => ReadTableEntries(range, at, end, reader), write: false, out faults);
    }

    /// <summary>The device fills a range with a byte, faulting what its page table lacks.</summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="value">The byte.</param>
    /// <param name="faults">How many faults it took.</param>
    /// <returns>Success; Fault (also: own device memory that is read-only), NotPermitted, Busy, Invalid.</returns>
    public HmmStatus Write(VirtualRange range, byte value, out long faults) =>
        FaultUntilDone(range, (at, end) => WriteTableEntries(at, end, value), write: true, out faults);

    /// <summary>The CPU's page table as the mirror sees it, nothing faulted.</summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="words">One word a page, in the encoding <see cref="Linux2020"/>.</param>
    /// <returns>Success; Invalid, Busy.</returns>
    public HmmStatus Snapshot(VirtualRange range, Span<ulong> words)
    {
        if (range.IsEmpty)
        {
            return HmmStatus.Invalid;
        }

        for (VirtualAddress at = range.Start; at < range.End; at = at.AddPages(PiecePages))
        {
            VirtualRange piece = Piece(at, range.End);
            int first = (int)(at.PageNumber - range.Start.PageNumber);
            HmmRange request = new()
            {
                Space = Space,
                Notifier = _notifier,
                Range = piece,
                Pfns = words.Slice(first, (int)piece.PageCount),
                DevicePrivateOwner = Device,
            };
            HmmStatus status = RunUntilValid(ref request, store: false);
            if (status != HmmStatus.Success)
            {
                return status;
            }
        }

        return HmmStatus.Success;
    }

    /// <summary>One range fault over the whole range, its result entered nowhere.</summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="requests">One request word a page.</param>
    /// <param name="defaultFlags">Request of every page.</param>
    /// <param name="mask">Which bits of a page's own request count.</param>
    /// <param name="foreign">Ask as if no device memory were this device's own.</param>
    /// <param name="words">One word a page, in the encoding <see cref="Linux2020"/>.</param>
    /// <returns>As <see cref="HmmRangeFault.Run{TEncoding}"/>.</returns>
    public HmmStatus RangeFault(
        VirtualRange range, ReadOnlySpan<ulong> requests, ulong defaultFlags, ulong mask, bool foreign, Span<ulong> words)
    {
        if (range.IsEmpty)
        {
            return HmmStatus.Invalid;
        }

        HmmRange request = new()
        {
            Space = Space,
            Notifier = _notifier,
            Range = range,
            Pfns = words,
            Requests = requests,
            DefaultFlags = defaultFlags,
            PfnFlagsMask = mask,
            DevicePrivateOwner = foreign ? null : Device,
        };
        return RunUntilValid(ref request, store: false);
    }

    private HmmStatus FaultUntilDone(VirtualRange range, Func<VirtualAddress, VirtualAddress, VirtualAddress> move, bool write, out long faults)
    {
        faults = 0;
        if (range.IsEmpty)
        {
            return HmmStatus.Invalid;
        }

        VirtualAddress at = range.Start;
        while (true)
        {
            lock (_lock)
            {
                at = move(at, range.End);
            }

            if (at == range.End)
            {
                return HmmStatus.Success;
            }

            HmmStatus status = Fault(new VirtualRange(at, range.End), write);
            if (status != HmmStatus.Success)
            {
                return status;
            }

            faults++;
        }
    }

    // Both return the first address whose entry is missing, or the end.
    private VirtualAddress ReadTableEntries(VirtualRange range, VirtualAddress at, VirtualAddress end, PageReader? reader)
    {
        for (; at < end; at = at.AddPages(1))
        {
            if (!_table.TryGet(at.PageNumber, out Pfn pfn, out _))
            {
                return at;
            }

            reader?.Invoke((int)(at.PageNumber - range.Start.PageNumber), Memory.FrameBytes(pfn));
        }

        return end;
    }

    private VirtualAddress WriteTableEntries(VirtualAddress at, VirtualAddress end, byte value)
    {
        for (; at < end; at = at.AddPages(1))
        {
            if (!_table.TryGet(at.PageNumber, out Pfn pfn, out MirrorTag tag) || tag != MirrorTag.Write)
            {
                return at;
            }

            Memory.FrameBytes(pfn).Fill(value);
        }

        return end;
    }

    private HmmStatus Fault(VirtualRange range, bool write)
    {
        if (Space.IsDead)
        {
            return HmmStatus.Fault;
        }

        Span<ulong> words = stackalloc ulong[PiecePages];
        for (VirtualAddress at = range.Start; at < range.End; at = at.AddPages(PiecePages))
        {
            VirtualRange piece = Piece(at, range.End);
            HmmRange request = new()
            {
                Space = Space,
                Notifier = _notifier,
                Range = piece,
                Pfns = words[..(int)piece.PageCount],
                DevicePrivateOwner = Device,
                DefaultFlags = (ulong)(HmmPfnFlags.RequestFault | (write ? HmmPfnFlags.RequestWrite : HmmPfnFlags.None)),
            };
            HmmStatus status = RunUntilValid(ref request, store: true);
            if (status != HmmStatus.Success)
            {
                return status;
            }
        }

        return HmmStatus.Success;
    }

    // The loop that every driver has: begin, fault, lock, check, use or begin again.
    private HmmStatus RunUntilValid(ref HmmRange request, bool store)
    {
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            request.NotifierSequence = _notifier.ReadBegin();
            HmmStatus status = Walk(ref request);
            if (status == HmmStatus.Busy)
            {
                continue;
            }

            if (status != HmmStatus.Success)
            {
                return status;
            }

            lock (_lock)
            {
                if (!_notifier.ReadRetry(request.NotifierSequence))
                {
                    return store ? Store(ref request) : HmmStatus.Success;
                }
            }
        }

        return HmmStatus.Busy;
    }

    private HmmStatus Walk(ref HmmRange request)
    {
        Space.MmapLock.EnterRead();
        try
        {
            return HmmRangeFault.Run<Linux2020>(ref request);
        }
        finally
        {
            Space.MmapLock.ExitRead();
        }
    }

    private HmmStatus Store(ref HmmRange request)
    {
        ulong page = request.Range.Start.PageNumber;
        bool mustWrite = (request.DefaultFlags & (ulong)HmmPfnFlags.RequestWrite) != 0;
        foreach (ulong word in request.Pfns)
        {
            bool writable = (Linux2020.FlagsOf(word) & HmmPfnFlags.Write) != 0;
            if (!writable && mustWrite)
            {
                // Own device memory that is read-only: the fault succeeds and does not give what was asked for.
                return HmmStatus.Fault;
            }

            _table.Set(page++, Linux2020.PfnOf(word), writable ? MirrorTag.Write : MirrorTag.Read);
        }

        return HmmStatus.Success;
    }
}
