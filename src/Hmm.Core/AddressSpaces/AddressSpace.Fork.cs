using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.Faults;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Core.AddressSpaces;

// fork.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Makes a child's address space: shared memory is shared, private memory is copied when somebody writes.</summary>
    /// <param name="child">The child's address space, or null.</param>
    /// <returns>Success; NoMemory (a pinned page could not be copied, or a page under exclusive access was in use); Invalid (exited); NotPermitted (the
    /// space has a real MMU, which can map a page at one address only).</returns>
    /// <remarks>
    /// Takes the address-space lock for writing. Sends PROTECTION_PAGE over each private mapping that ever had pages of its own. Device pages are
    /// shared read-only; exclusive access ends; a pinned page stays the parent's and is copied at once. The child starts without
    /// notifiers. If a callback throws, there is no child. Source: dup_mmap and copy_page_range.
    /// </remarks>
    public HmmStatus Fork(out AddressSpace? child)
    {
        child = null;
        if (Mmu != null)
        {
            return HmmStatus.NotPermitted;
        }

        EnterWrite();
        AddressSpace? copy = null;
        HmmStatus status = HmmStatus.Success;
        bool isWhole = false;
        try
        {
            if (_isDead)
            {
                return HmmStatus.Invalid;
            }

            copy = new AddressSpace(Engine, mmu: null);
            for (int i = 0; i < Vmas.Count && status == HmmStatus.Success; i++)
            {
                if (!Vmas[i].Is(VmaFlags.DontCopy))
                {
                    status = CopyMapping(Vmas[i], copy);
                }
            }

            isWhole = status == HmmStatus.Success && !CallbackFailures.Any;
        }
        finally
        {
            MmapLock.ExitWrite();
            if (!isWhole)
            {
                // Nobody would ever end a child that the caller does not get.
                copy?.Exit();
            }

            CallbackFailures.Leave();
        }

        child = isWhole ? copy : null;
        return status;
    }

    private HmmStatus CopyMapping(Vma parent, AddressSpace space)
    {
        Vma child = new(space, parent.StartValue, parent.EndValue, parent.Flags & ~VmaFlags.Locked, parent.File, parent.PageOffset);
        bool wiped = parent.Is(VmaFlags.WipeOnFork);
        if (!wiped)
        {
            ForkAnon(child, parent);
        }

        Link(child);
        space.Vmas.Insert(child);
        // Without pages of its own a mapping needs no copying: faults fill it, from zeros or from the file.
        bool needsCopy = !wiped && (parent.AnonVma != null || parent.Is(VmaFlags.PfnMap | VmaFlags.MixedMap));
        if (!needsCopy)
        {
            return HmmStatus.Success;
        }

        bool isCow = parent.IsCopyOnWrite;
        MmuNotifierRange notice = default;
        if (isCow)
        {
            notice = NotifyStart(parent.StartValue, parent.EndValue, MmuNotifierEvent.ProtectionPage);
        }

        HmmStatus status = CopyTables(parent, child);
        if (isCow)
        {
            NotifyEnd(notice);
        }

        return status;
    }

    private HmmStatus CopyTables(Vma parent, Vma child)
    {
        PageTableCursor cursor = new(PageTable, parent.StartValue, parent.EndValue);
        while (cursor.MoveNext())
        {
            if (cursor.IsHole)
            {
                continue;
            }

            PmdSlot target = child.Space.PageTable.Ensure(cursor.Start);
            if (cursor.Pmd.Read().IsHuge)
            {
                if (TryCopyHuge(cursor.Pmd, child.Space, target))
                {
                    continue;
                }

                HugePages.SplitEntry(parent, cursor.Pmd, cursor.Start);
            }

            child.Space.PageTable.EnsureLeaf(target);
            for (ulong address = cursor.Start; address < cursor.End; address += PageConstants.PageSize)
            {
                HmmStatus status = CopyEntry(parent, child, cursor.Pmd, target, address);
                if (status != HmmStatus.Success)
                {
                    return status;
                }
            }
        }

        return HmmStatus.Success;
    }

    private bool TryCopyHuge(PmdSlot source, AddressSpace space, PmdSlot target)
    {
        source.Enter();
        Pte entry = source.Read();
        if (!entry.IsHuge)
        {
            source.Exit();
            return false;
        }

        if (!entry.IsSpecial)
        {
            PageFrame* head = Engine.Frames.Record(entry.Pfn);
            if (HasPinned && Folios.IsPinned(head) && head->Has(FrameFlags.AnonExclusive))
            {
                source.Exit();
                return false;
            }

            Folios.Get(head);
            Folios.AddRmapHuge(head);
            head->Clear(FrameFlags.AnonExclusive);
            space.CountAnon(PageConstants.HugePages);
        }

        Pte.Write(source.Word, entry.WithWrite(false));
        source.Exit();
        target.Enter();
        Pte.Write(target.Word, entry.WithWrite(false).WithYoung(false));
        target.Exit();
        return true;
    }

    // Both tables are locked until the copy is in its place: a walk from a frame comes to the child after the parent, and what it changed in the
    // parent meanwhile it would not find in the child. A copied migration entry would never be taken away.
    private HmmStatus CopyEntry(Vma parent, Vma child, PmdSlot source, PmdSlot target, ulong address)
    {
        if (!PageTable.TryLockLeaf(target, address, out LeafSlot to))
        {
            return HmmStatus.Success;
        }

        if (!PageTable.TryLockSecondLeaf(source, address, out LeafSlot from))
        {
            to.Exit();
            return HmmStatus.Success;
        }

        Pte entry = from.Read();
        HmmStatus status = HmmStatus.Success;
        if (entry.IsDeviceExclusive)
        {
            status = TryRestoreExclusive(parent, from, entry);
            entry = from.Read();
        }

        Pte copy = status != HmmStatus.Success || entry.IsNone ? Pte.Empty
            : entry.IsPresent ? CopyPresent(parent, child, address, from, entry, out status)
            : CopyNotPresent(parent, child, from, entry);
        from.Exit();
        if (!copy.IsNone)
        {
            to.Write(copy);
        }

        to.Exit();
        return status;
    }

    private HmmStatus TryRestoreExclusive(Vma parent, LeafSlot from, Pte entry)
    {
        PageFrame* head = Folios.Head(Engine.Frames.Record(entry.Pfn));
        if (!FolioLock.TryEnter(head))
        {
            return HmmStatus.NoMemory;
        }

        SwapFaults.Restore(parent, from.Word, entry);
        FolioLock.Exit(head);
        return HmmStatus.Success;
    }

    private Pte CopyPresent(Vma parent, Vma child, ulong address, LeafSlot from, Pte entry, out HmmStatus status)
    {
        status = HmmStatus.Success;
        if (entry.IsSpecial)
        {
            return entry;
        }

        PageFrame* page = Engine.Frames.Record(entry.Pfn);
        PageFrame* head = Folios.Head(page);
        bool anon = Folios.IsAnon(page);
        if (anon && page->Has(FrameFlags.AnonExclusive) && HasPinned && Folios.IsPinned(head))
        {
            return CopyPinned(child, address, page, out status);
        }

        Folios.Get(head);
        Folios.AddRmap(page);
        child.Space.CountPage(page, 1);
        if (anon)
        {
            page->Clear(FrameFlags.AnonExclusive);
        }

        if (parent.IsCopyOnWrite && entry.IsWritable)
        {
            entry = from.Exchange(Pte.Empty).WithWrite(false);
            from.Write(entry);
        }

        return (parent.Is(VmaFlags.Shared) ? entry.WithDirty(false) : entry).WithYoung(false);
    }

    // The pin's holder must go on seeing the parent's writes, so the child gets its copy now.
    private Pte CopyPinned(Vma child, ulong address, PageFrame* page, out HmmStatus status)
    {
        PageFrame* fresh = child.Space.TryTakeFrame(address, zero: false);
        if (fresh == null)
        {
            status = HmmStatus.NoMemory;
            return Pte.Empty;
        }

        status = HmmStatus.Success;
        NativeMemory.Copy(Engine.Frames.Data(page), Engine.Frames.Data(fresh), PageConstants.PageSize);
        Engine.Folios.AddNewAnon(fresh, child, address);
        child.Space.CountAnon(1);
        return Pte.Make(fresh->Pfn, child.IsProtNone).WithDirty(true).WithWrite(child.Is(VmaFlags.Write));
    }

    private Pte CopyNotPresent(Vma parent, Vma child, LeafSlot from, Pte entry)
    {
        bool isCow = parent.IsCopyOnWrite;
        switch (entry.Kind)
        {
            case PteKind.Swap:
                Engine.Swap.Duplicate(entry.SwapSlot);
                entry = entry.WithoutSwapExclusive();
                from.Write(entry);
                child.Space.CountSwap(1);
                return entry;
            case PteKind.MigrationWrite or PteKind.MigrationReadExclusive or PteKind.MigrationRead:
                child.Space.CountPage(Engine.Frames.Record(entry.Pfn), 1);
                entry = isCow ? entry.WithKind(PteKind.MigrationRead) : entry;
                from.Write(entry);
                return entry;
            case PteKind.DeviceRead or PteKind.DeviceWrite:
                PageFrame* page = Engine.Frames.Record(entry.Pfn);
                Folios.Get(page);
                Folios.AddRmap(page);
                page->Clear(FrameFlags.AnonExclusive);
                child.Space.CountAnon(1);
                entry = isCow ? entry.WithKind(PteKind.DeviceRead) : entry;
                from.Write(entry);
                return entry;
            default:
                return entry;
        }
    }
}
