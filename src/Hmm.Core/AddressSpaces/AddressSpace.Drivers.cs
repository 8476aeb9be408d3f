using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;

namespace Hmm.Core.AddressSpaces;

// Mappings that drivers fill with pages of their own.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Maps fresh zeroed pages that belong to a driver: a shared VM_MIXEDMAP mapping, populated at once.</summary>
    /// <param name="range">Whole pages of user space.</param>
    /// <param name="protection">Permissions.</param>
    /// <returns>Success; Invalid (empty or misaligned range, or the process has exited); NoMemory (outside user space, too many mappings, out of
    /// frames: nothing is mapped then).</returns>
    /// <remarks>Can be mirrored; is never migrated, locked or taken exclusively. A page that is dropped is lost: no fault brings it back.
    /// Takes the address-space lock for writing. Source: vm_insert_page.</remarks>
    public HmmStatus MapDriverPages(VirtualRange range, Protection protection)
    {
        HmmStatus status = Map(
            range, protection, () => new FileObject(Engine, range.PageCount, null, isDevice: true),
            VmaFlags.Shared | VmaFlags.MayShare | VmaFlags.MixedMap);
        if (status != HmmStatus.Success)
        {
            return status;
        }

        EnterRead();
        try
        {
            Vma? vma = Vmas.Find(range.Start.Value);
            for (ulong at = range.Start.Value; vma != null && at < range.End.Value && status == HmmStatus.Success; at += PageConstants.PageSize)
            {
                status = InsertDriverPage(vma, at);
            }
        }
        finally
        {
            LeaveRead();
        }

        if (status != HmmStatus.Success)
        {
            Unmap(range);
        }

        return status;
    }

    /// <summary>Maps a device's registers: a shared VM_IO and VM_PFNMAP mapping without pages.</summary>
    /// <param name="range">Whole pages of user space.</param>
    /// <param name="protection">Permissions.</param>
    /// <returns>Success; Invalid (empty or misaligned range, or the process has exited); NoMemory (outside user space, too many mappings).</returns>
    /// <remarks>No registers are modelled behind it: the CPU's accesses raise SIGBUS. Range faults call its pages special; it is never migrated, pinned,
    /// dropped or taken exclusively. Takes the address-space lock for writing. Source: remap_pfn_range.</remarks>
    public HmmStatus MapDeviceRegisters(VirtualRange range, Protection protection) => Map(
        range, protection, () => new FileObject(Engine, range.PageCount, null, isDevice: true),
        VmaFlags.Shared | VmaFlags.MayShare | VmaFlags.IO | VmaFlags.PfnMap | VmaFlags.DontExpand);

    private HmmStatus InsertDriverPage(Vma vma, ulong address)
    {
        PageFrame* page = TryTakeFrame(address, zero: true);
        if (page == null)
        {
            return HmmStatus.NoMemory;
        }

        PmdSlot pmd = PageTable.Ensure(address);
        PageTable.EnsureLeaf(pmd);
        PageTable.TryLockLeaf(pmd, address, out LeafSlot leaf);
        // The driver's reference becomes the entry's.
        Folios.AddRmap(page);
        CountFile(1);
        leaf.Write(Pte.Make(page->Pfn, vma.IsProtNone).WithWrite(vma.IsSharedWritable));
        leaf.Exit();
        return HmmStatus.Success;
    }
}
