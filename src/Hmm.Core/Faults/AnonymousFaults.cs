using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;

namespace Hmm.Core.Faults;

/// <summary>The first touch of private anonymous memory: a zero page for a reader, a page of its own for a writer. Announced to nobody.</summary>
internal static unsafe class AnonymousFaults
{
    public static VmFaultResult Missing(ref FaultContext fault)
    {
        if (!fault.Space.PageTable.EnsureLeaf(fault.Pmd))
        {
            return VmFaultResult.None;
        }

        if (!fault.IsWrite && fault.Space.UsesZeroPage)
        {
            if (!fault.Space.TryEmptyPlace(fault.Address))
            {
                return fault.WithoutFrame();
            }

            if (fault.TryLockUnchanged(out LeafSlot zeroLeaf))
            {
                zeroLeaf.Write(fault.Make(fault.Engine.ZeroPage).WithSpecial());
                zeroLeaf.Exit();
            }

            return VmFaultResult.None;
        }

        fault.Space.PrepareAnonVma(fault.Vma);
        PageFrame* page = fault.Space.TryTakeFrame(fault.Address, zero: true);
        if (page == null)
        {
            return fault.WithoutFrame();
        }

        if (!fault.TryLockUnchanged(out LeafSlot leaf))
        {
            fault.Engine.Folios.Put(page);
            return VmFaultResult.None;
        }

        fault.Engine.Folios.AddNewAnon(page, fault.Vma, fault.Address);
        fault.Space.CountAnon(1);
        Pte entry = fault.Make(page->Pfn);
        leaf.Write(fault.IsWrite && fault.Vma.Is(VmaFlags.Write) ? entry.WithWriteDirty() : entry.WithWrite(fault.Vma.Is(VmaFlags.Write)));
        leaf.Exit();
        return VmFaultResult.None;
    }
}
