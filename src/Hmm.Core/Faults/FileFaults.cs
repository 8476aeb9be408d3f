using System;
using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;

namespace Hmm.Core.Faults;

/// <summary>First touch of file and shared memory.</summary>
internal static unsafe class FileFaults
{
    /// <summary>Pages around a read fault that are mapped along if the file has them (64 KiB, Linux's default).</summary>
    private const int FaultAroundPages = 16;

    public static VmFaultResult Missing(ref FaultContext fault)
    {
        FileObject file = fault.Vma.File!;
        ulong index = fault.Vma.IndexOf(fault.Address);
        if (file.IsDevice)
        {
            return VmFaultResult.SigBus;
        }

        bool isPrivateWrite = fault.IsWrite && !fault.Vma.Is(VmaFlags.Shared);
        if (!fault.IsWrite && TryMapAround(ref fault))
        {
            return VmFaultResult.None;
        }

        if (index >= file.PageCount)
        {
            return VmFaultResult.SigBus;
        }

        PageFrame* page = file.GetPage(index, fault.Space, fault.Address);
        if (page == null)
        {
            return fault.WithoutFrame();
        }

        VmFaultResult result = page->Has(FrameFlags.HwPoison) ? VmFaultResult.HwPoison
            : isPrivateWrite ? MapCopy(ref fault, page) : MapShared(ref fault, page);
        fault.Engine.Folios.Put(page);
        return result;
    }

    private static VmFaultResult MapCopy(ref FaultContext fault, PageFrame* page)
    {
        MemorySystem engine = fault.Engine;
        fault.Space.PrepareAnonVma(fault.Vma);
        PageFrame* fresh = fault.Space.TryTakeFrame(fault.Address, zero: false);
        if (fresh == null)
        {
            return VmFaultResult.OutOfMemory;
        }

        NativeMemory.Copy(engine.Frames.Data(page), engine.Frames.Data(fresh), PageConstants.PageSize);
        fault.Space.PageTable.EnsureLeaf(fault.Pmd);
        if (!fault.TryLockUnchanged(out LeafSlot leaf))
        {
            engine.Folios.Put(fresh);
            return VmFaultResult.None;
        }

        engine.Folios.AddNewAnon(fresh, fault.Vma, fault.Address);
        fault.Space.CountAnon(1);
        leaf.Write(fault.Make(fresh->Pfn).WithDirty(true).WithWrite(fault.Vma.Is(VmaFlags.Write)));
        leaf.Exit();
        return VmFaultResult.None;
    }

    private static VmFaultResult MapShared(ref FaultContext fault, PageFrame* page)
    {
        fault.Space.PageTable.EnsureLeaf(fault.Pmd);
        // The lock keeps the page in the file: punching and writing out take it too. One that left the file is looked for again.
        FolioLock.Enter(page);
        if (page->MappingId == fault.Vma.File!.Id && fault.TryLockUnchanged(out LeafSlot leaf))
        {
            Enter(ref fault, leaf.Word, page);
            leaf.Exit();
        }

        FolioLock.Exit(page);
        return VmFaultResult.None;
    }

    private static void Enter(ref FaultContext fault, ulong* word, PageFrame* page)
    {
        Folios.Get(page);
        Folios.AddRmap(page);
        fault.Space.CountFile(1);
        Pte.Write(word, fault.Make(page->Pfn).WithDirty(fault.IsWrite));
    }

    /// <returns>True if the page that faulted is mapped now.</returns>
    private static bool TryMapAround(ref FaultContext fault)
    {
        Vma vma = fault.Vma;
        FileObject file = vma.File!;
        ulong window = FaultAroundPages * (ulong)PageConstants.PageSize;
        ulong start = Math.Max(fault.Address & ~(window - 1), vma.StartValue);
        ulong tableEnd = HugePages.AlignDown(fault.Address) + PageConstants.PmdSize;
        ulong end = Math.Min(Math.Min(start + window, tableEnd), vma.EndValue);
        bool mapped = false;
        for (ulong address = start; address < end; address += PageConstants.PageSize)
        {
            PageFrame* page = file.FindPage(vma.IndexOf(address));
            if (page == null)
            {
                continue;
            }

            if (!page->Has(FrameFlags.HwPoison) && FolioLock.TryEnter(page))
            {
                fault.Space.PageTable.EnsureLeaf(fault.Pmd);
                if (page->MappingId == file.Id && PageTable.TryLockLeaf(fault.Pmd, address, out LeafSlot leaf))
                {
                    if (leaf.Read().IsNone)
                    {
                        Enter(ref fault, leaf.Word, page);
                        mapped |= address == fault.Address;
                    }

                    leaf.Exit();
                }

                FolioLock.Exit(page);
            }

            fault.Engine.Folios.Put(page);
        }

        return mapped;
    }
}
