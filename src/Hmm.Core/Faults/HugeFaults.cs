using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.PageTables;

namespace Hmm.Core.Faults;

/// <summary>Faults that map or write 2 MiB at once.</summary>
internal static unsafe class HugeFaults
{
    /// <summary>First touch of 2 MiB: the huge zero page for a reader, a huge page for a writer; Fallback if there is none.</summary>
    public static VmFaultResult Anonymous(ref FaultContext fault)
    {
        MemorySystem engine = fault.Engine;
        fault.Space.PrepareAnonVma(fault.Vma);
        if (!fault.IsWrite)
        {
            Pfn zero = engine.HugeZeroPage();
            return zero.IsNone ? VmFaultResult.Fallback : Install(ref fault, fault.Make(zero).WithSpecial().WithHuge());
        }

        PageFrame* head = fault.Space.TryTakeHugeFrame(HugePages.AlignDown(fault.Address));
        if (head == null)
        {
            return VmFaultResult.Fallback;
        }

        ulong low = HugePages.AlignDown(fault.Address);
        fault.Pmd.Enter();
        if (!fault.Pmd.Read().IsNone)
        {
            fault.Pmd.Exit();
            engine.Folios.Put(head);
            return VmFaultResult.None;
        }

        engine.Folios.AddNewAnonHuge(head, fault.Vma, low);
        fault.Space.CountAnon(PageConstants.HugePages);
        Pte entry = fault.Make(head->Pfn).WithHuge();
        Pte.Write(fault.Pmd.Word, fault.Vma.Is(VmaFlags.Write) ? entry.WithWriteDirty() : entry);
        fault.Pmd.Exit();
        return VmFaultResult.None;
    }

    public static void MarkAccessed(ref FaultContext fault)
    {
        fault.Pmd.Enter();
        Pte entry = fault.Pmd.Read();
        if (entry.IsHuge)
        {
            Pte.Write(fault.Pmd.Word, entry.WithYoung(true).WithDirty(entry.IsDirty || fault.IsWrite));
        }

        fault.Pmd.Exit();
    }

    /// <summary>A write to a huge page that is not writable: taken over whole if this process is its last user, otherwise split.</summary>
    public static VmFaultResult WriteProtected(ref FaultContext fault)
    {
        Pte entry = fault.Pmd.Read();
        if (entry.IsHuge && !entry.IsSpecial && TryReuse(ref fault, entry))
        {
            return VmFaultResult.None;
        }

        HugePages.SplitEntry(fault.Vma, fault.Pmd, fault.Address);
        return VmFaultResult.Fallback;
    }

    private static VmFaultResult Install(ref FaultContext fault, Pte entry)
    {
        fault.Pmd.Enter();
        if (fault.Pmd.Read().IsNone)
        {
            Pte.Write(fault.Pmd.Word, entry);
        }

        fault.Pmd.Exit();
        return VmFaultResult.None;
    }

    private static bool TryReuse(ref FaultContext fault, Pte entry)
    {
        PageFrame* head = fault.Engine.Frames.Record(entry.Pfn);
        fault.Pmd.Enter();
        if (fault.Pmd.Read().Value != entry.Value)
        {
            // Somebody else changed it: look again.
            fault.Pmd.Exit();
            return true;
        }

        if (!head->Has(FrameFlags.AnonExclusive) && !TryTakeOver(ref fault, head))
        {
            fault.Pmd.Exit();
            return false;
        }

        if (!fault.IsUnshare)
        {
            Pte written = entry.WithYoung(true);
            Pte.Write(fault.Pmd.Word, fault.Vma.Is(VmaFlags.Write) ? written.WithWriteDirty() : written.WithDirty(true));
        }

        fault.Pmd.Exit();
        return true;
    }

    private static bool TryTakeOver(ref FaultContext fault, PageFrame* head)
    {
        if (!FolioLock.TryEnter(head))
        {
            return false;
        }

        fault.Engine.Folios.TryFreeSwap(head);
        bool isLast = Folios.RefCount(head) == 1;
        if (isLast)
        {
            fault.Engine.Folios.MoveAnon(head, fault.Vma);
            head->Set(FrameFlags.AnonExclusive);
        }

        FolioLock.Exit(head);
        return isLast;
    }
}
