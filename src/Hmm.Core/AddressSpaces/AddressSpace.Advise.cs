using System;
using Hmm.Core.Addressing;
using Hmm.Core.Notifiers;
using Hmm.Core.Reclaim;

namespace Hmm.Core.AddressSpaces;

// madvise.
public sealed unsafe partial class AddressSpace
{
    /// <summary>Advises the system on a range.</summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="advice">What.</param>
    /// <param name="raisedBus">Whether the caller gets SIGBUS by it: a poisoned page had data of its own.</param>
    /// <returns>Success; Invalid (advice that does not fit the mapping); AccessDenied and NoDevice (Remove); NoMemory (a hole: the rest was done
    /// nevertheless, except by the populating kinds); Fault, Poisoned (populating); Busy (poisoning what cannot be poisoned).</returns>
    /// <remarks>Source: madvise(2) with the behaviour of Linux 6.12.</remarks>
    public HmmStatus Advise(VirtualRange range, MemoryAdvice advice, out bool raisedBus)
    {
        raisedBus = false;
        if (!range.Start.IsPageAligned || !range.End.IsPageAligned)
        {
            return HmmStatus.Invalid;
        }

        ulong start = range.Start.Value;
        ulong end = range.End.Value;
        return advice switch
        {
            MemoryAdvice.HwPoison => AdviseFailure(start, end, out raisedBus),
            MemoryAdvice.PopulateRead or MemoryAdvice.PopulateWrite => AdvisePopulate(start, end, advice == MemoryAdvice.PopulateWrite),
            _ => AdviseChange(start, end, advice),
        };
    }

    private HmmStatus AdviseFailure(ulong start, ulong end, out bool raisedBus)
    {
        Engine.ThrowIfDisposed();
        try
        {
            return MemoryFailure.Inject(this, start, end, out raisedBus);
        }
        finally
        {
            CallbackFailures.Leave();
        }
    }

    private HmmStatus AdvisePopulate(ulong start, ulong end, bool write)
    {
        EnterRead();
        try
        {
            return PopulateAdvised(start, end, write);
        }
        finally
        {
            LeaveRead();
        }
    }

    // Changing flags and collapsing need the writer's side; the others would do with the reader's, but a merge of neighbours may change what a
    // reader iterates over.
    private HmmStatus AdviseChange(ulong start, ulong end, MemoryAdvice advice)
    {
        EnterWrite();
        try
        {
            return AdviseLocked(start, end, advice);
        }
        finally
        {
            LeaveWrite();
        }
    }

    private HmmStatus AdviseLocked(ulong start, ulong end, MemoryAdvice advice)
    {
        HmmStatus holes = HmmStatus.Success;
        ulong at = start;
        while (at < end)
        {
            Vma? vma = Vmas.AtOrAfter(at);
            if (vma == null)
            {
                return HmmStatus.NoMemory;
            }

            if (vma.StartValue > at)
            {
                holes = HmmStatus.NoMemory;
                at = vma.StartValue;
                if (at >= end)
                {
                    break;
                }
            }

            ulong pieceEnd = Math.Min(end, vma.EndValue);
            HmmStatus status = AdvisePiece(vma, at, pieceEnd, advice);
            if (status != HmmStatus.Success)
            {
                return status;
            }

            at = pieceEnd;
        }

        return holes;
    }

    private HmmStatus AdvisePiece(Vma vma, ulong start, ulong end, MemoryAdvice advice)
    {
        switch (advice)
        {
            case MemoryAdvice.DontNeed:
                return DropPages(vma, start, end);
            case MemoryAdvice.Free:
                return vma.IsAnonymous && !vma.Is(VmaFlags.Locked | VmaFlags.PfnMap) ? LazyFree.Range(vma, start, end) : HmmStatus.Invalid;
            case MemoryAdvice.Cold or MemoryAdvice.PageOut:
                if (vma.Is(VmaFlags.Locked | VmaFlags.PfnMap))
                {
                    return HmmStatus.Invalid;
                }

                PageOut.Range(vma, start, end, reclaim: advice == MemoryAdvice.PageOut);
                return HmmStatus.Success;
            case MemoryAdvice.Remove:
                return Remove(vma, start, end);
            case MemoryAdvice.Collapse:
                return HugeCollapse.Range(vma, start, end);
            default:
                return AdviseFlags(vma, start, end, advice);
        }
    }

    private HmmStatus AdviseFlags(Vma vma, ulong start, ulong end, MemoryAdvice advice)
    {
        VmaFlags flags = vma.Flags;
        switch (advice)
        {
            case MemoryAdvice.DontFork:
                flags |= VmaFlags.DontCopy;
                break;
            case MemoryAdvice.WipeOnFork:
                if (!vma.IsAnonymous || vma.Is(VmaFlags.Shared))
                {
                    return HmmStatus.Invalid;
                }

                flags |= VmaFlags.WipeOnFork;
                break;
            case MemoryAdvice.HugePage:
                flags = (flags & ~VmaFlags.NoHugePage) | VmaFlags.HugePage;
                break;
            case MemoryAdvice.NoHugePage:
                flags = (flags & ~VmaFlags.HugePage) | VmaFlags.NoHugePage;
                break;
            case MemoryAdvice.Mergeable:
                flags |= vma.IsAnonymous || !vma.Is(VmaFlags.Shared | VmaFlags.Special) ? VmaFlags.Mergeable : VmaFlags.None;
                break;
            default:
                return HmmStatus.Invalid;
        }

        return flags == vma.Flags || ModifyFlags(vma, start, end, flags) != null ? HmmStatus.Success : HmmStatus.Again;
    }

    private HmmStatus DropPages(Vma vma, ulong start, ulong end)
    {
        if (vma.Is(VmaFlags.Locked | VmaFlags.PfnMap))
        {
            return HmmStatus.Invalid;
        }

        MmuNotifierRange notice = NotifyStart(start, end, MmuNotifierEvent.Clear);
        Zap.Range(vma, start, end, evenCopies: true);
        NotifyEnd(notice);
        return HmmStatus.Success;
    }

    private static HmmStatus Remove(Vma vma, ulong start, ulong end)
    {
        if (vma.Is(VmaFlags.Locked) || vma.File == null)
        {
            return HmmStatus.Invalid;
        }

        if ((vma.Flags & (VmaFlags.Shared | VmaFlags.MayWrite)) != (VmaFlags.Shared | VmaFlags.MayWrite))
        {
            return HmmStatus.AccessDenied;
        }

        if (vma.File.IsDevice)
        {
            return HmmStatus.NoDevice;
        }

        FilePunch.Punch(vma.File, vma.IndexOf(start), vma.IndexOf(end));
        return HmmStatus.Success;
    }
}
