using System;
using System.Runtime.ExceptionServices;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Frames;
using Hmm.Core.Locking;
using Hmm.Core.Machines;
using Hmm.Core.Notifiers;
using Hmm.Core.PageTables;

namespace Hmm.Core.AddressSpaces;

/// <summary>An address space (the kernel's mm_struct): mappings, page tables, notifiers and counters of one process.</summary>
/// <remarks>
/// Thread-safe. Calls that change mappings take <see cref="MmapLock"/> for writing; CPU accesses take it for reading; range faults and
/// migrations expect the caller to hold it for reading. After <see cref="Exit"/> nothing can be mapped any more; after the engine was disposed,
/// every call but <see cref="Exit"/> throws <see cref="ObjectDisposedException"/>.
/// <para>What a driver's callback throws does not stop the change that it was told of: the call releases its locks and throws it at its end.</para>
/// </remarks>
public sealed unsafe partial class AddressSpace
{
    private long _anonPages;
    private long _filePages;
    private long _swapEntries;
    private int _dying;
    private volatile bool _isDead;

    internal AddressSpace(MemorySystem system, IMmu? mmu)
    {
        Engine = system;
        Mmu = mmu;
        PageTable = new PageTable(system.Tables);
        Notifiers = new MmuNotifierSubscriptions();
    }

    /// <summary>The engine.</summary>
    public MemorySystem Engine { get; }

    /// <summary>The lock of the mappings (the kernel's mmap_lock). Lock order: ARCHITECTURE.md.</summary>
    public ReaderWriterGate MmapLock { get; } = new(LockRank.AddressSpace);

    /// <summary>The interval notifiers.</summary>
    public MmuNotifierSubscriptions Notifiers { get; }

    /// <summary>Whether the process has exited; the kernel's mmget_not_zero fails then.</summary>
    public bool IsDead => _isDead;

    /// <summary>Anonymous pages counted as resident, device memory included.</summary>
    public long AnonPages => Volatile.Read(ref _anonPages);

    /// <summary>File and shared-memory pages counted as resident.</summary>
    public long FilePages => Volatile.Read(ref _filePages);

    /// <summary>Entries in swap.</summary>
    public long SwapEntries => Volatile.Read(ref _swapEntries);

    /// <summary>How many mappings there are.</summary>
    public int VmaCount => Vmas.Count;

    /// <summary>The real MMU, or null.</summary>
    internal IMmu? Mmu { get; }

    internal VmaList Vmas { get; } = new();

    internal PageTable PageTable { get; }

    /// <summary>Whether a page was ever pinned here: forks then look for pinned pages.</summary>
    internal bool HasPinned { get; set; }

    /// <summary>The mapping that holds an address.</summary>
    /// <param name="address">An address.</param>
    /// <returns>The mapping, or null. Valid while the caller holds <see cref="MmapLock"/>.</returns>
    public Vma? FindVma(VirtualAddress address) => Vmas.Find(address.Value);

    /// <summary>A mapping by its place in address order, for diagnostics.</summary>
    /// <param name="index">0 to <see cref="VmaCount"/> - 1.</param>
    /// <returns>The mapping. Valid while the caller holds <see cref="MmapLock"/>.</returns>
    public Vma GetVma(int index) => Vmas[index];

    /// <summary>The entry that maps an address, for diagnostics: a leaf entry, a huge one, or nothing.</summary>
    /// <param name="address">An address.</param>
    /// <returns>The entry as it was at some moment during the call; an empty one after <see cref="Exit"/>, with which it must not race.</returns>
    public Pte ReadEntry(VirtualAddress address)
    {
        Engine.ThrowIfDisposed();
        Pte pmd = _isDead ? Pte.Empty : PageTable.Find(address.Value).Read();
        return pmd.IsTable ? Pte.Read(PageTable.FindLeafWord(pmd, address.Value)) : pmd;
    }

    /// <summary>Finds the next entry with something in it, for diagnostics; huge holes cost little.</summary>
    /// <param name="from">Where to begin; whole pages.</param>
    /// <param name="end">Where to stop, exclusive.</param>
    /// <param name="address">First page of the range that the entry maps.</param>
    /// <param name="entry">The entry as it was at some moment during the call.</param>
    /// <returns>False if there is none.</returns>
    public bool TryFindEntry(VirtualAddress from, VirtualAddress end, out VirtualAddress address, out Pte entry)
    {
        Engine.ThrowIfDisposed();
        PageTableCursor cursor = new(PageTable, from.Value, end.Value);
        while (cursor.MoveNext())
        {
            Pte pmd = cursor.Pmd.Read();
            for (ulong at = cursor.Start; !pmd.IsNone && at < cursor.End; at += PageConstants.PageSize)
            {
                entry = pmd.IsTable ? Pte.Read(PageTable.FindLeafWord(pmd, at)) : pmd;
                if (!entry.IsNone)
                {
                    address = new VirtualAddress(at);
                    return true;
                }
            }
        }

        address = end;
        entry = Pte.Empty;
        return false;
    }

    internal void CountAnon(long pages) => Interlocked.Add(ref _anonPages, pages);

    internal void CountFile(long pages) => Interlocked.Add(ref _filePages, pages);

    internal void CountSwap(long entries) => Interlocked.Add(ref _swapEntries, entries);

    /// <summary>Takes the lock for a call from outside; the last thing of the call, in a finally block, is <see cref="LeaveRead"/>.</summary>
    /// <exception cref="ObjectDisposedException">The engine is disposed: the tables have gone.</exception>
    private void EnterRead()
    {
        Engine.ThrowIfDisposed();
        MmapLock.EnterRead();
    }

    /// <summary>Releases the lock; what callbacks threw meanwhile leaves now.</summary>
    private void LeaveRead()
    {
        MmapLock.ExitRead();
        CallbackFailures.Leave();
    }

    /// <summary>As <see cref="EnterRead"/>.</summary>
    private void EnterWrite()
    {
        Engine.ThrowIfDisposed();
        MmapLock.EnterWrite();
    }

    /// <summary>As <see cref="LeaveRead"/>.</summary>
    private void LeaveWrite()
    {
        MmapLock.ExitWrite();
        CallbackFailures.Leave();
    }

    /// <summary>Counts a mapped page by what it is.</summary>
    internal void CountPage(PageFrame* page, long change)
    {
        if (Folios.IsAnon(page))
        {
            CountAnon(change);
        }
        else
        {
            CountFile(change);
        }
    }

    /// <summary>Announces a change of a range; a matching <see cref="NotifyEnd"/> must follow.</summary>
    /// <remarks>Throws nothing that a callback throws: the change happens, and the call that makes it ends with <see cref="CallbackFailures.Leave"/>.</remarks>
    internal MmuNotifierRange NotifyStart(ulong start, ulong end, MmuNotifierEvent what, object? owner = null)
    {
        MmuNotifierRange range = new(new VirtualRange(new VirtualAddress(start), new VirtualAddress(end)), what, true, owner);
        CallbackFailures.Note(Notifiers.StartForGood(range));
        Engine.Observer?.Invalidated(this, range, Notifiers.Sequence);
        return range;
    }

    internal void NotifyEnd(in MmuNotifierRange range)
    {
        try
        {
            Notifiers.InvalidateRangeEnd(range);
        }
        catch (Exception thrown)
        {
            CallbackFailures.Note(ExceptionDispatchInfo.Capture(thrown));
        }
    }
}
