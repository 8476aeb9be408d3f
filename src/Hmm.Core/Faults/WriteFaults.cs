using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Core.Faults;

/// <summary>Writes to entries that are present and not writable: reuse or copy (the kernel's do_wp_page).</summary>
internal static unsafe class WriteFaults
{
    public static VmFaultResult WriteProtected(ref FaultContext fault)
    {
        if (!fault.TryLockUnchanged(out LeafSlot leaf))
        {
            return VmFaultResult.None;
        }

        Folios folios = fault.Engine.Folios;
        PageFrame* page = fault.Entry.IsSpecial ? null : fault.Engine.Frames.Record(fault.Entry.Pfn);
        if (fault.Vma.Is(VmaFlags.Shared))
        {
            leaf.Write(fault.Entry.WithYoung(true).WithWriteDirty());
            leaf.Exit();
            return VmFaultResult.None;
        }

        if (page != null && Folios.IsAnon(page) && (page->Has(FrameFlags.AnonExclusive) || TryTakeOver(ref fault, page)))
        {
            page->Set(FrameFlags.AnonExclusive);
            if (!fault.IsUnshare)
            {
                // A permission that a fault grants is announced to nobody: a mirror with a read entry stays right.
                Pte reused = fault.Entry.WithYoung(true).WithDirty(true);
                leaf.Write(fault.Vma.Is(VmaFlags.Write) ? reused.WithWriteDirty() : reused);
            }

            leaf.Exit();
            return VmFaultResult.None;
        }

        if (page != null)
        {
            Folios.Get(Folios.Head(page));
        }

        leaf.Exit();
        VmFaultResult result = Copy(ref fault, page);
        if (page != null)
        {
            folios.Put(Folios.Head(page));
        }

        return result;
    }

    // The last user of a small page may keep it. References tell: one is the entry's, one may be the swap cache's.
    private static bool TryTakeOver(ref FaultContext fault, PageFrame* page)
    {
        if (page->IsLarge || Folios.RefCount(page) > (page->Has(FrameFlags.SwapCache) ? 2 : 1) || !FolioLock.TryEnter(page))
        {
            return false;
        }

        fault.Engine.Folios.TryFreeSwap(page);
        bool isLast = Folios.RefCount(page) == 1;
        if (isLast)
        {
            fault.Engine.Folios.MoveAnon(page, fault.Vma);
            // Linux copies what is part of a huge folio.
            page->Clear(FrameFlags.Former);
        }

        FolioLock.Exit(page);
        return isLast;
    }

    private static VmFaultResult Copy(ref FaultContext fault, PageFrame* old)
    {
        MemorySystem engine = fault.Engine;
        if (old != null && fault.Space.IsHome(fault.Address, old))
        {
            // There is no other frame to copy to. Who else holds the page is about to let go of it.
            fault.Space.AwaitSoleUse(old);
            return VmFaultResult.None;
        }

        fault.Space.PrepareAnonVma(fault.Vma);
        PageFrame* fresh = fault.Space.TryTakeFrame(fault.Address, zero: old == null);
        if (fresh == null)
        {
            return fault.WithoutFrame();
        }

        if (old != null)
        {
            if (old->Has(FrameFlags.HwPoison))
            {
                engine.Folios.Put(fresh);
                return VmFaultResult.HwPoison;
            }

            NativeMemory.Copy(engine.Frames.Data(old), engine.Frames.Data(fresh), PageConstants.PageSize);
        }

        ulong address = fault.Address;
        MmuNotifierRange notice = fault.Space.NotifyStart(address, address + PageConstants.PageSize, MmuNotifierEvent.Clear);
        bool copied = fault.TryLockUnchanged(out LeafSlot leaf);
        if (copied)
        {
            if (old == null || !Folios.IsAnon(old))
            {
                fault.Space.CountAnon(1);
                fault.Space.CountFile(old == null ? 0 : -1);
            }

            Pte entry = fault.Make(fresh->Pfn);
            if (!fault.IsUnshare)
            {
                entry = entry.WithDirty(true).WithWrite(fault.Vma.Is(VmaFlags.Write));
            }

            engine.Folios.AddNewAnon(fresh, fault.Vma, address);
            leaf.Write(entry);
            fault.Space.FlushMmu(address, address + PageConstants.PageSize);
            if (old != null)
            {
                Folios.RemoveRmap(old);
            }

            leaf.Exit();
        }

        fault.Space.NotifyEnd(notice);
        if (copied && old != null)
        {
            engine.Folios.ReleaseSwapCacheIfUnused(Folios.Head(old));
            engine.Folios.Put(Folios.Head(old));
        }
        else if (!copied)
        {
            engine.Folios.Put(fresh);
        }

        return VmFaultResult.None;
    }
}
