using Hmm.Core.AddressSpaces;
using Hmm.Core.PageTables;

namespace Hmm.Core.Faults;

/// <summary>One page fault on its way through the handlers.</summary>
internal ref struct FaultContext
{
    public Vma Vma;
    public ulong Address;
    public FaultFlags Flags;
    public PmdSlot Pmd;

    /// <summary>The entry as it was when the handler was chosen; a handler that finds another one gives up and lets the access try again.</summary>
    public Pte Entry;

    public readonly AddressSpace Space => Vma.Space;

    public readonly MemorySystem Engine => Vma.Space.Engine;

    public readonly bool IsWrite => (Flags & FaultFlags.Write) != 0;

    public readonly bool IsUnshare => (Flags & FaultFlags.Unshare) != 0;

    /// <summary>Locks the leaf table; false, with nothing locked, if the entry is not the one that was seen.</summary>
    public readonly bool TryLockUnchanged(out LeafSlot leaf)
    {
        if (!PageTable.TryLockLeaf(Pmd, Address, out leaf))
        {
            return false;
        }

        if (leaf.Read().Value == Entry.Value)
        {
            return true;
        }

        leaf.Exit();
        return false;
    }

    /// <summary>What to say when there is no frame: memory is out, unless somebody else has served this fault meanwhile and taken the page's own frame.</summary>
    public readonly VmFaultResult WithoutFrame()
    {
        if (Space.Mmu == null)
        {
            return VmFaultResult.OutOfMemory;
        }

        // Where there is no table yet there was no entry, and is none.
        bool isUnchanged = Pmd.Read().IsNone && Entry.IsNone;
        if (!isUnchanged && TryLockUnchanged(out LeafSlot leaf))
        {
            leaf.Exit();
            isUnchanged = true;
        }

        return isUnchanged ? VmFaultResult.OutOfMemory : VmFaultResult.None;
    }

    /// <summary>A fresh entry with the permission that the mapping gives by itself.</summary>
    public readonly Pte Make(Hmm.Core.Addressing.Pfn pfn) => Pte.Make(pfn, Vma.IsProtNone).WithWrite(Vma.IsSharedWritable).WithYoung(true);
}
