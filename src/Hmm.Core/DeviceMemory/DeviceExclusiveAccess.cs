using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;
using Hmm.Core.Notifiers;
using Hmm.Core.ReverseMapping;

namespace Hmm.Core.DeviceMemory;

/// <summary>Exclusive access: takes pages of system memory out of every CPU page table, so that a device can do atomics on them.</summary>
/// <remarks>Any CPU fault, pin, fork, unmap, or another device's request ends it, after an EXCLUSIVE notification. Source:
/// make_device_exclusive_range of Linux 6.12. Thread-safe.</remarks>
public static unsafe class DeviceExclusiveAccess
{
    /// <summary>Makes a range exclusive.</summary>
    /// <param name="space">The address space; its lock is held for reading.</param>
    /// <param name="range">Whole pages; faulted in for writing first.</param>
    /// <param name="pages">One element a page: the page, locked and referenced until <see cref="MemorySystem.UnlockAndPut"/>, or none if it was refused.</param>
    /// <param name="owner">Carried by the EXCLUSIVE notifications; null for nobody.</param>
    /// <param name="taken">How many elements of <paramref name="pages"/> were written: fewer than asked if faulting in met an obstacle.</param>
    /// <returns>Success if at least one page was looked at; otherwise why the first could not be faulted in: Fault or NoMemory.</returns>
    /// <exception cref="ArgumentException"><paramref name="pages"/> is shorter than the range.</exception>
    /// <remarks>The access is guaranteed until the page is unlocked. Pages of a huge page other than its first are refused, and asking for the first takes all
    /// 512 from the CPU. Only anonymous memory. If a callback throws, no page stays locked.</remarks>
    public static HmmStatus MakeRange(AddressSpace space, VirtualRange range, Span<Pfn> pages, object? owner, out int taken)
    {
        ArgumentNullException.ThrowIfNull(space);
        if ((ulong)pages.Length < range.PageCount)
        {
            throw new ArgumentException("One element is needed for each page.", nameof(pages));
        }

        space.Engine.ThrowIfDisposed();
        HmmStatus status = Take(space, range, pages, out taken);
        for (int i = 0; i < taken; i++)
        {
            pages[i] = MakeOne(space, range.Start.AddPages(i).Value, pages[i], owner);
        }

        if (CallbackFailures.Any)
        {
            // What the caller does not get to know of must not stay locked.
            LetGo(space.Engine, pages, ref taken);
            CallbackFailures.Leave();
        }

        return taken == 0 ? status : HmmStatus.Success;
    }

    private static HmmStatus Take(AddressSpace space, VirtualRange range, Span<Pfn> pages, out int taken)
    {
        const GetPageFlags how = GetPageFlags.Write | GetPageFlags.SplitHuge;
        int count = (int)range.PageCount;
        HmmStatus status = HmmStatus.Success;
        bool isDone = false;
        taken = 0;
        try
        {
            while (taken < count && status == HmmStatus.Success)
            {
                status = UserPages.Get(space, range.Start.AddPages(taken).Value, how, out PageFrame* page);
                if (status == HmmStatus.Success)
                {
                    pages[taken++] = page->Pfn;
                }
                else
                {
                    space.Engine.Observer?.ExclusiveRefused(space, range.Start.AddPages(taken), ExclusiveRefusal.CannotFaultIn);
                }
            }

            isDone = true;
            return status;
        }
        finally
        {
            // A driver that was asked for its page threw.
            for (int i = 0; !isDone && i < taken; i++)
            {
                space.Engine.Folios.Put(Folios.Head(space.Engine.Frames.Record(pages[i])));
            }
        }
    }

    private static void LetGo(MemorySystem engine, Span<Pfn> pages, ref int taken)
    {
        for (int i = 0; i < taken; i++)
        {
            if (!pages[i].IsNone)
            {
                engine.UnlockAndPut(pages[i]);
                pages[i] = Pfn.None;
            }
        }

        taken = 0;
    }

    private static Pfn MakeOne(AddressSpace space, ulong address, Pfn pfn, object? owner)
    {
        MemorySystem engine = space.Engine;
        PageFrame* page = engine.Frames.Record(pfn);
        PageFrame* head = Folios.Head(page);
        ExclusiveRefusal reason = page->CountsAsTail ? ExclusiveRefusal.PartOfHugePage : ExclusiveRefusal.Locked;
        if (!page->CountsAsTail && FolioLock.TryEnter(head))
        {
            if (ExclusiveMarker.TryMark(space, head, address, owner))
            {
                return pfn;
            }

            reason = head->Has(FrameFlags.Anon) ? ExclusiveRefusal.StillMapped : ExclusiveRefusal.FilePage;
            FolioLock.Exit(head);
        }

        engine.Folios.Put(head);
        engine.Observer?.ExclusiveRefused(space, new VirtualAddress(address), reason);
        return Pfn.None;
    }
}
