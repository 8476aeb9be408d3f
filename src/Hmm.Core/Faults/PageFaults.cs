using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Core.PageTables;

namespace Hmm.Core.Faults;

/// <summary>The entry point of page faults (the kernel's handle_mm_fault): chooses the handler by what the entry is.</summary>
/// <remarks>
/// The caller holds the address-space lock for reading and has checked that the mapping allows the access. A result without an error means
/// "look again": the entry may be there, or have changed. No managed allocation but the first of a mapping's family.
/// </remarks>
internal static class PageFaults
{
    /// <param name="vma">The mapping that holds the address.</param>
    /// <param name="address">First address of the page.</param>
    /// <param name="flags">What for.</param>
    public static VmFaultResult Handle(Vma vma, ulong address, FaultFlags flags)
    {
        FaultContext fault = new() { Vma = vma, Address = address, Flags = flags };
        IMemoryObserver? observer = vma.Space.Engine.Observer;
        if (observer == null)
        {
            return Dispatch(ref fault);
        }

        VirtualAddress page = new(address);
        bool isRemote = (flags & FaultFlags.Remote) != 0;
        observer.Faulting(vma.Space, page, fault.IsWrite, isRemote);
        VmFaultResult result = Dispatch(ref fault);
        observer.Faulted(vma.Space, page, fault.IsWrite, isRemote, result);
        return result;
    }

    private static VmFaultResult Dispatch(ref FaultContext fault)
    {
        fault.Pmd = fault.Space.PageTable.Ensure(fault.Address);
        Pte pmd = fault.Pmd.Read();
        if (pmd.IsNone && HugePages.MayFault(fault.Vma, fault.Address))
        {
            VmFaultResult result = HugeFaults.Anonymous(ref fault);
            if ((result & VmFaultResult.Fallback) == 0)
            {
                return result;
            }
        }
        else if (pmd.IsHuge)
        {
            if (!(fault.IsWrite || fault.IsUnshare) || pmd.IsWritable)
            {
                HugeFaults.MarkAccessed(ref fault);
                return VmFaultResult.None;
            }

            VmFaultResult result = HugeFaults.WriteProtected(ref fault);
            if ((result & VmFaultResult.Fallback) == 0)
            {
                return result;
            }
        }

        return Small(ref fault);
    }

    private static unsafe VmFaultResult Small(ref FaultContext fault)
    {
        Pte pmd = fault.Pmd.Read();
        if (pmd.IsHuge)
        {
            return VmFaultResult.None;
        }

        ulong* word = PageTable.FindLeafWord(pmd, fault.Address);
        fault.Entry = word == null ? Pte.Empty : Pte.Read(word);
        if (fault.Entry.IsNone)
        {
            return fault.Vma.IsAnonymous ? AnonymousFaults.Missing(ref fault) : FileFaults.Missing(ref fault);
        }

        if (!fault.Entry.IsPresent)
        {
            return SwapFaults.NotPresent(ref fault);
        }

        if (fault.IsUnshare || (fault.IsWrite && !fault.Entry.IsWritable))
        {
            return fault.Entry.IsWritable ? VmFaultResult.None : WriteFaults.WriteProtected(ref fault);
        }

        if (fault.TryLockUnchanged(out LeafSlot leaf))
        {
            leaf.Write(fault.Entry.WithYoung(true).WithDirty(fault.Entry.IsDirty || fault.IsWrite));
            leaf.Exit();
        }

        return VmFaultResult.None;
    }
}
