using Hmm.Core.Addressing;
using Hmm.Core.Faults;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;

namespace Hmm.Core.AddressSpaces;

/// <summary>Takes pages of an address space by address, faulting them in (the kernel's get_user_pages).</summary>
/// <remarks>The caller holds the address-space lock for reading. Counts as an access of the process: device pages come home, exclusive access ends.</remarks>
internal static unsafe class UserPages
{
    /// <summary>Takes one page.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="address">First address of the page.</param>
    /// <param name="flags">How.</param>
    /// <param name="page">The page, with a reference on its folio, and a pin if asked.</param>
    /// <returns>Success; Fault (no mapping, not allowed, nothing behind); NoMemory; Poisoned.</returns>
    public static HmmStatus Get(AddressSpace space, ulong address, GetPageFlags flags, out PageFrame* page)
    {
        page = null;
        Vma? vma = space.Vmas.Find(address);
        if (vma == null || !IsAllowed(vma, flags))
        {
            return HmmStatus.Fault;
        }

        while (true)
        {
            HmmStatus status = Follow(vma, address, flags, out page);
            if (status == HmmStatus.Success)
            {
                return status;
            }

            FaultFlags fault = FaultFlags.Remote;
            fault |= status == HmmStatus.MustUnshare ? FaultFlags.Unshare : FaultFlags.None;
            fault |= (flags & GetPageFlags.Write) != 0 ? FaultFlags.Write : FaultFlags.None;
            VmFaultResult result = PageFaults.Handle(vma, address, fault);
            if ((result & VmFaultResult.Error) != 0)
            {
                return StatusOf(result, flags);
            }
        }
    }

    /// <summary>Whether the mapping may be accessed in this way at all.</summary>
    public static bool IsAllowed(Vma vma, GetPageFlags flags)
    {
        if (vma.Is(VmaFlags.IO | VmaFlags.PfnMap))
        {
            return false;
        }

        if ((flags & GetPageFlags.Write) != 0)
        {
            return vma.Is(VmaFlags.Write);
        }

        return vma.Is(VmaFlags.Read) || ((flags & GetPageFlags.Force) != 0 && vma.IsAccessible);
    }

    private static HmmStatus StatusOf(VmFaultResult result, GetPageFlags flags)
    {
        if ((result & VmFaultResult.OutOfMemory) != 0)
        {
            return HmmStatus.NoMemory;
        }

        bool poisoned = (result & VmFaultResult.HwPoison) != 0 && (flags & GetPageFlags.ReportPoison) != 0;
        return poisoned ? HmmStatus.Poisoned : HmmStatus.Fault;
    }

    // Again: a fault is needed. MustUnshare: a fault that gives the process a page of its own.
    private static HmmStatus Follow(Vma vma, ulong address, GetPageFlags flags, out PageFrame* page)
    {
        page = null;
        PmdSlot pmd = vma.Space.PageTable.Find(address);
        if (pmd.Read().IsHuge)
        {
            if ((flags & GetPageFlags.SplitHuge) != 0)
            {
                HugePages.SplitEntry(vma, pmd, address);
                return Follow(vma, address, flags, out page);
            }

            pmd.Enter();
            Pte huge = pmd.Read();
            HmmStatus status = huge.IsHuge ? Take(vma, huge, address, flags, out page) : HmmStatus.Again;
            pmd.Exit();
            return status;
        }

        if (!PageTable.TryLockLeaf(pmd, address, out LeafSlot leaf))
        {
            return HmmStatus.Again;
        }

        Pte entry = leaf.Read();
        HmmStatus result = entry.IsPresent ? Take(vma, entry, address, flags, out page) : HmmStatus.Again;
        leaf.Exit();
        return result;
    }

    private static HmmStatus Take(Vma vma, Pte entry, ulong address, GetPageFlags flags, out PageFrame* page)
    {
        page = null;
        if ((flags & GetPageFlags.Write) != 0 && !entry.IsWritable)
        {
            return HmmStatus.Again;
        }

        ulong offset = entry.IsHuge ? (address & (PageConstants.PmdSize - 1)) >> PageConstants.PageShift : 0;
        PageFrame* found = vma.Space.Engine.Frames.Record(entry.Pfn.Add((int)offset));
        bool pin = (flags & GetPageFlags.Pin) != 0;
        if (pin && !entry.IsWritable && MustUnshare(vma, entry, found))
        {
            return HmmStatus.MustUnshare;
        }

        page = found;
        PageFrame* head = Folios.Head(found);
        if (head->IsReserved)
        {
            // The zero pages are not counted.
            return HmmStatus.Success;
        }

        Folios.Get(head);
        if (pin)
        {
            global::System.Threading.Interlocked.Increment(ref head->PinCount);
        }

        return HmmStatus.Success;
    }

    private static bool MustUnshare(Vma vma, Pte entry, PageFrame* page)
    {
        if (entry.IsSpecial || !Folios.IsAnon(page))
        {
            return vma.IsCopyOnWrite;
        }

        PageFrame* marked = entry.IsHuge ? Folios.Head(page) : page;
        return !marked->Has(FrameFlags.AnonExclusive);
    }
}
