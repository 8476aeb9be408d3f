using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Faults;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Core.Reclaim;

/// <summary>MADV_COLLAPSE: makes one huge page of 512 small ones, bringing in what is elsewhere.</summary>
/// <remarks>The caller holds the address-space lock for writing. At least one page must be writable, none may be pinned, or another's.</remarks>
internal static unsafe class HugeCollapse
{
    public static HmmStatus Range(Vma vma, ulong start, ulong end)
    {
        // Without a page of its own, or without room for a huge one, a mapping cannot be collapsed at all.
        bool possible = vma.IsAnonymous && vma.AnonVma != null && !vma.Is(VmaFlags.NoHugePage | VmaFlags.Special)
            && HugePages.Fits(vma, vma.EndValue - PageConstants.PmdSize) && vma.EndValue - vma.StartValue >= PageConstants.PmdSize;
        if (!possible)
        {
            return HmmStatus.Invalid;
        }

        ulong first = HugePages.AlignDown(start + PageConstants.PmdSize - 1);
        ulong last = HugePages.AlignDown(end);
        if (first > last)
        {
            return HmmStatus.Invalid;
        }

        HmmStatus status = HmmStatus.Success;
        for (ulong at = first; at < last; at += PageConstants.PmdSize)
        {
            HmmStatus one = Collapse(vma, at);
            status = one == HmmStatus.Success ? status : one;
        }

        return status;
    }

    private static HmmStatus Collapse(Vma vma, ulong low)
    {
        AddressSpace space = vma.Space;
        PmdSlot pmd = space.PageTable.Find(low);
        Pte above = pmd.Read();
        if (above.IsHuge)
        {
            return HmmStatus.Success;
        }

        HmmStatus suitable = above.IsTable ? Suitability(vma, pmd, low, mayBeElsewhere: true) : HmmStatus.Invalid;
        if (suitable != HmmStatus.Success)
        {
            return suitable;
        }

        PageFrame* huge = space.TryTakeHugeFrame(low);
        if (huge == null)
        {
            return HmmStatus.NoMemory;
        }

        bool isHere = false;
        try
        {
            isHere = BringIn(vma, pmd, low);
        }
        finally
        {
            // Also if a driver that was asked for its page threw.
            if (!isHere)
            {
                space.Engine.Folios.Put(huge);
            }
        }

        if (!isHere)
        {
            return HmmStatus.Invalid;
        }

        vma.AnonVma!.Gate.EnterWrite();
        MmuNotifierRange notice = space.NotifyStart(low, low + PageConstants.PmdSize, MmuNotifierEvent.Clear);
        suitable = Suitability(vma, pmd, low, mayBeElsewhere: false);
        if (suitable == HmmStatus.Success)
        {
            Replace(vma, pmd, low, huge);
        }

        space.NotifyEnd(notice);
        vma.AnonVma.Gate.ExitWrite();
        if (suitable != HmmStatus.Success)
        {
            space.Engine.Folios.Put(huge);
        }

        return suitable;
    }

    // Invalid: cannot be collapsed as it is; Again: a page is in use.
    private static HmmStatus Suitability(Vma vma, PmdSlot pmd, ulong low, bool mayBeElsewhere)
    {
        bool writable = false;
        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            Pte entry = Pte.Read(PageTable.FindLeafWord(pmd.Read(), low + ((ulong)i << PageConstants.PageShift)));
            if (entry.IsNone || (entry.IsPresent && entry.IsSpecial))
            {
                continue;
            }

            if (!entry.IsPresent)
            {
                if (!mayBeElsewhere)
                {
                    return HmmStatus.Invalid;
                }

                continue;
            }

            writable |= entry.IsWritable;
            PageFrame* head = Folios.Head(vma.Space.Engine.Frames.Record(entry.Pfn));
            int expected = Folios.MapCount(head) + (head->Has(FrameFlags.SwapCache) ? 1 : 0);
            if (!head->Has(FrameFlags.Anon))
            {
                return HmmStatus.Invalid;
            }

            if (!head->Has(FrameFlags.Lru) || head->Has(FrameFlags.Locked) || Folios.RefCount(head) != expected)
            {
                return HmmStatus.Again;
            }
        }

        return writable ? HmmStatus.Success : HmmStatus.Invalid;
    }

    private static bool BringIn(Vma vma, PmdSlot pmd, ulong low)
    {
        for (ulong address = low; address < low + PageConstants.PmdSize; address += PageConstants.PageSize)
        {
            Pte entry = Pte.Read(PageTable.FindLeafWord(pmd.Read(), address));
            while (!entry.IsNone && !entry.IsPresent)
            {
                if ((PageFaults.Handle(vma, address, FaultFlags.None) & VmFaultResult.Error) != 0)
                {
                    return false;
                }

                entry = Pte.Read(PageTable.FindLeafWord(pmd.Read(), address));
            }
        }

        return true;
    }

    private static void Replace(Vma vma, PmdSlot pmd, ulong low, PageFrame* huge)
    {
        AddressSpace space = vma.Space;
        MemorySystem engine = space.Engine;
        pmd.Enter();
        PageTableNode* node = (PageTableNode*)pmd.Read().Node;
        PageTableNode.EnterLeaf(node);
        for (int i = 0; i < PageConstants.HugePages; i++)
        {
            ulong* word = PageTableNode.Slot(node, i);
            Pte entry = Pte.Exchange(word, Pte.Empty);
            if (entry.IsPresent && !entry.IsSpecial)
            {
                PageFrame* page = engine.Frames.Record(entry.Pfn);
                NativeMemory.Copy(engine.Frames.Data(page), engine.Frames.Data(huge + i), PageConstants.PageSize);
                engine.Folios.Unmap(page);
                space.CountAnon(-1);
            }
        }

        engine.Folios.AddNewAnonHuge(huge, vma, low);
        space.CountAnon(PageConstants.HugePages);
        Pte whole = Pte.Make(huge->Pfn, vma.IsProtNone).WithHuge().WithDirty(true).WithWrite(vma.Is(VmaFlags.Write));
        Pte.Write(pmd.Word, whole);
        space.FlushMmu(low, low + PageConstants.PmdSize);
        PageTableNode.ExitLeaf(node);
        pmd.Exit();
        space.PageTable.ReturnNode(node);
    }
}
