using System;
using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;

namespace Hmm.Core.AddressSpaces;

// mlock, pinning, and faulting in ahead.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Locks a range in memory and faults it in.</summary>
    /// <param name="range">Whole pages.</param>
    /// <returns>Success; NoMemory (a hole, no permission at all, nothing behind a page, too many mappings); Again (out of frames).</returns>
    /// <remarks>Counts as a CPU access. Locked pages may still move to a device. Source: mlock(2).</remarks>
    public HmmStatus Lock(VirtualRange range)
    {
        HmmStatus status = ChangeLocked(range, VmaFlags.Locked);
        return status == HmmStatus.Success ? Populate(range) : status;
    }

    /// <summary>Unlocks a range.</summary>
    /// <param name="range">Whole pages.</param>
    /// <returns>Success; NoMemory (a hole, or too many mappings).</returns>
    public HmmStatus Unlock(VirtualRange range) => ChangeLocked(range, VmaFlags.None);

    /// <summary>Pins a range for long.</summary>
    /// <param name="range">Whole pages, at most 2^31 - 1 of them.</param>
    /// <param name="write">Whether the holder writes.</param>
    /// <param name="pin">The pin, or null.</param>
    /// <returns>Success; Fault (a hole, not allowed, poison, nothing behind a page: pages before it have been faulted in); NoMemory; Invalid (empty).</returns>
    /// <remarks>Private pages become this process's own first, also for reading. Device pages come home. If a callback
    /// throws, nothing stays pinned. Source: pin_user_pages with FOLL_LONGTERM.</remarks>
    public HmmStatus Pin(VirtualRange range, bool write, out LongTermPin? pin)
    {
        pin = null;
        if (range.IsEmpty || range.PageCount > (ulong)Array.MaxLength)
        {
            return HmmStatus.Invalid;
        }

        GetPageFlags flags = GetPageFlags.Pin | (write ? GetPageFlags.Write : GetPageFlags.None);
        Pfn[] pages = new Pfn[range.PageCount];
        int count = 0;
        HmmStatus status = HmmStatus.Success;
        EnterRead();
        try
        {
            HasPinned = true;
            while (count < pages.Length && status == HmmStatus.Success)
            {
                status = UserPages.Get(this, range.Start.AddPages(count).Value, flags, out PageFrame* page);
                if (status == HmmStatus.Success)
                {
                    pages[count++] = page->Pfn;
                }
            }

            pin = status == HmmStatus.Success && !CallbackFailures.Any ? new LongTermPin(Engine, pages) : null;
        }
        finally
        {
            MmapLock.ExitRead();
            if (pin == null)
            {
                LongTermPin.Release(Engine, pages, count);
            }

            CallbackFailures.Leave();
        }

        return status;
    }

    private HmmStatus ChangeLocked(VirtualRange range, VmaFlags locked)
    {
        EnterWrite();
        try
        {
            return SetLocked(range, locked);
        }
        finally
        {
            LeaveWrite();
        }
    }

    private HmmStatus SetLocked(VirtualRange range, VmaFlags locked)
    {
        ulong at = range.Start.Value;
        ulong end = range.End.Value;
        while (at < end)
        {
            Vma? vma = Vmas.Find(at);
            if (vma == null)
            {
                return HmmStatus.NoMemory;
            }

            ulong pieceEnd = Math.Min(end, vma.EndValue);
            VmaFlags flags = (vma.Flags & ~VmaFlags.Locked) | locked;
            if (flags != vma.Flags && !vma.Is(VmaFlags.Special) && ModifyFlags(vma, at, pieceEnd, flags) == null)
            {
                return HmmStatus.NoMemory;
            }

            at = pieceEnd;
        }

        return HmmStatus.Success;
    }

    private HmmStatus Populate(VirtualRange range)
    {
        EnterRead();
        try
        {
            return PopulateLocked(range) switch
            {
                HmmStatus.Fault => HmmStatus.NoMemory,
                HmmStatus.NoMemory => HmmStatus.Again,
                HmmStatus status => status,
            };
        }
        finally
        {
            LeaveRead();
        }
    }

    private HmmStatus PopulateLocked(VirtualRange range)
    {
        HmmStatus status = HmmStatus.Success;
        ulong at = range.Start.Value;
        while (at < range.End.Value && status == HmmStatus.Success)
        {
            Vma? vma = Vmas.AtOrAfter(at);
            if (vma == null || vma.StartValue >= range.End.Value)
            {
                break;
            }

            ulong start = Math.Max(at, vma.StartValue);
            at = Math.Min(range.End.Value, vma.EndValue);
            status = vma.Is(VmaFlags.IO | VmaFlags.PfnMap) ? HmmStatus.Success : PopulateForLock(vma, start, at);
        }

        return status;
    }

    // Private writable memory is written to, so that no copy is due later.
    private HmmStatus PopulateForLock(Vma vma, ulong start, ulong end)
    {
        GetPageFlags flags = vma.IsAccessible ? GetPageFlags.Force : GetPageFlags.None;
        if ((vma.Flags & (VmaFlags.Write | VmaFlags.Shared)) == VmaFlags.Write)
        {
            flags |= GetPageFlags.Write;
        }

        for (ulong address = start; address < end; address += PageConstants.PageSize)
        {
            HmmStatus status = UserPages.Get(this, address, flags, out PageFrame* page);
            if (status != HmmStatus.Success)
            {
                return status;
            }

            Engine.Folios.Put(Folios.Head(page));
        }

        return HmmStatus.Success;
    }

    private HmmStatus PopulateAdvised(ulong start, ulong end, bool write)
    {
        GetPageFlags flags = GetPageFlags.ReportPoison | (write ? GetPageFlags.Write : GetPageFlags.None);
        for (ulong address = start; address < end; address += PageConstants.PageSize)
        {
            Vma? vma = Vmas.Find(address);
            if (vma == null)
            {
                return HmmStatus.NoMemory;
            }

            if (!UserPages.IsAllowed(vma, flags))
            {
                return HmmStatus.Invalid;
            }

            HmmStatus status = UserPages.Get(this, address, flags, out PageFrame* page);
            if (status != HmmStatus.Success)
            {
                return status;
            }

            Engine.Folios.Put(Folios.Head(page));
        }

        return HmmStatus.Success;
    }
}
