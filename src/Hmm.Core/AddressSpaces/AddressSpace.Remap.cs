using System;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Core.AddressSpaces;

// mremap.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Moves (part of) a mapping to a fixed place, shrinking or growing it.</summary>
    /// <param name="source">Whole pages of one mapping.</param>
    /// <param name="target">Where to; its length is the new length. What is there is unmapped.</param>
    /// <returns>Success; Fault (nothing mapped at the start, or the range leaves its mapping); Invalid (empty, misaligned, overlapping);
    /// NoMemory (too many mappings, or outside user space).</returns>
    /// <remarks>Takes the address-space lock for writing. Entries move verbatim, also those of device memory and of exclusive access; UNMAP is sent for
    /// the old place, and a mirror knows nothing of the new one. Source: mremap(2) with MREMAP_MAYMOVE and MREMAP_FIXED.</remarks>
    public HmmStatus Remap(VirtualRange source, VirtualRange target)
    {
        if (!source.Start.IsPageAligned || !source.End.IsPageAligned || target.IsEmpty || source.Overlaps(target)
            || !target.Start.IsPageAligned || !target.End.IsPageAligned)
        {
            return HmmStatus.Invalid;
        }

        if (!IsUserRange(target))
        {
            return HmmStatus.Invalid;
        }

        HmmStatus status;
        bool mustPopulate;
        EnterWrite();
        try
        {
            status = RemapLocked(source.Start.Value, source.LengthBytes, target.Start.Value, target.LengthBytes, out mustPopulate);
        }
        finally
        {
            LeaveWrite();
        }

        if (mustPopulate && target.LengthBytes > source.LengthBytes)
        {
            Populate(new VirtualRange(new VirtualAddress(target.Start.Value + source.LengthBytes), target.End));
        }

        return status;
    }

    private HmmStatus RemapLocked(ulong start, ulong length, ulong targetStart, ulong targetLength, out bool mustPopulate)
    {
        mustPopulate = false;
        if (Vmas.Find(start) == null)
        {
            return HmmStatus.Fault;
        }

        HmmStatus status = UnmapLocked(targetStart, targetStart + targetLength);
        if (status == HmmStatus.Success && length > targetLength)
        {
            status = UnmapLocked(start + targetLength, start + length);
            length = targetLength;
        }

        if (status != HmmStatus.Success)
        {
            return status;
        }

        Vma? vma = Vmas.Find(start);
        if (vma == null || length > vma.EndValue - start)
        {
            return HmmStatus.Fault;
        }

        if (length == 0 && !vma.Is(VmaFlags.Shared))
        {
            return HmmStatus.Invalid;
        }

        if (targetLength > length && vma.Is(VmaFlags.DontExpand | VmaFlags.PfnMap))
        {
            return HmmStatus.Fault;
        }

        if (Vmas.Count >= VmaList.CountMax - 3)
        {
            return HmmStatus.NoMemory;
        }

        mustPopulate = vma.Is(VmaFlags.Locked);
        Vma moved = CopyVma(vma, start, targetStart, targetLength);
        MoveTables(vma, moved, start, length);
        return length == 0 ? HmmStatus.Success : UnmapLocked(start, start + length);
    }

    private Vma CopyVma(Vma vma, ulong start, ulong targetStart, ulong targetLength)
    {
        // Anonymous memory without pages takes the numbers of its new place, as if it had been mapped there.
        bool isFresh = vma.IsAnonymous && vma.AnonVma == null;
        ulong offset = isFresh ? targetStart >> PageConstants.PageShift : vma.IndexOf(start);
        Vma moved = new(this, targetStart, targetStart + targetLength, vma.Flags, vma.File, offset);
        CloneAnon(moved, vma, fork: false);
        Link(moved);
        Vmas.Insert(moved);
        return moved;
    }

    private void MoveTables(Vma vma, Vma moved, ulong start, ulong length)
    {
        if (length == 0)
        {
            return;
        }

        MmuNotifierRange notice = NotifyStart(start, start + length, MmuNotifierEvent.Unmap);
        // No walk from a frame may see an entry in neither place or in both.
        EnterGates(vma);
        ulong done = 0;
        while (done < length)
        {
            ulong oldAt = start + done;
            ulong newAt = moved.StartValue + done;
            ulong step = Math.Min(length - done, Math.Min(ToBoundary(oldAt), ToBoundary(newAt)));
            PmdSlot oldPmd = PageTable.Find(oldAt);
            if (!oldPmd.Read().IsNone)
            {
                MovePiece(vma, oldPmd, oldAt, newAt, step);
            }

            done += step;
        }

        // Nobody fills the MMU meanwhile: that takes the address-space lock for reading.
        FlushMmu(start, start + length);
        ExitGates(vma);
        NotifyEnd(notice);
    }

    private void MovePiece(Vma vma, PmdSlot oldPmd, ulong oldAt, ulong newAt, ulong step)
    {
        PmdSlot newPmd = PageTable.Ensure(newAt);
        if (step == PageConstants.PmdSize && newPmd.Read().IsNone)
        {
            oldPmd.Enter();
            Pte whole = Pte.Exchange(oldPmd.Word, Pte.Empty);
            oldPmd.Exit();
            newPmd.Enter();
            Pte.Write(newPmd.Word, whole);
            newPmd.Exit();
            return;
        }

        if (oldPmd.Read().IsHuge)
        {
            HugePages.SplitEntry(vma, oldPmd, oldAt);
        }

        PageTable.EnsureLeaf(newPmd);
        for (ulong offset = 0; offset < step; offset += PageConstants.PageSize)
        {
            if (PageTable.TryLockLeaf(oldPmd, oldAt + offset, out LeafSlot from))
            {
                Pte entry = from.Exchange(Pte.Empty);
                from.Exit();
                if (!entry.IsNone && PageTable.TryLockLeaf(newPmd, newAt + offset, out LeafSlot to))
                {
                    to.Write(entry);
                    to.Exit();
                }
            }
        }
    }

    private static ulong ToBoundary(ulong address) => PageConstants.PmdSize - (address & (PageConstants.PmdSize - 1));
}
