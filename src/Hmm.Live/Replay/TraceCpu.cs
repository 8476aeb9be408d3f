using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Linux;
using Hmm.Svm.Policies;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Live.Replay;

/// <summary>Makes the accesses of a trace's CPU with real loads and stores, and knows what has to be in memory at the end.</summary>
/// <remarks>
/// A trace has no contents, so pages get some: the first word of each counts the CPU's writes to it, the second those of devices. A load must find what the CPU
/// stored last; and at the end all that was written must be there, wherever the pages have been meanwhile. One thread.
/// </remarks>
internal sealed class TraceCpu
{
    private readonly Dictionary<ulong, Block> _blocks = [];
    private Block? _last;

    /// <summary>A sentence about the first load that found something else than was stored last; null if none did.</summary>
    public string? Difference { get; private set; }

    /// <summary>Makes an access.</summary>
    /// <exception cref="FormatException">A page cannot be had; the message is a sentence for the user.</exception>
    public void Do(in PageAccess access)
    {
        for (ulong page = access.PageNumber; page < access.PageNumber + access.Pages; page++)
        {
            ref uint writes = ref Touch(page);
            nuint address = (nuint)(page << PageConstants.PageShift);
            if (access.Kind >= AccessKind.Write)
            {
                writes++;
                Judge(page, GuardedAccess.Store(address, writes));
            }
            else
            {
                Judge(page, GuardedAccess.Load(address, out uint found));
                Compare(page, found, writes);
            }
        }
    }

    /// <summary>Notes pages that devices are about to access.</summary>
    public void Note(ReadOnlySpan<PageAccess> accesses)
    {
        foreach (ref readonly PageAccess access in accesses)
        {
            for (ulong page = access.PageNumber; page < access.PageNumber + access.Pages; page++)
            {
                Touch(page);
            }
        }
    }

    /// <summary>Loads all that was touched, and compares.</summary>
    /// <param name="deviceStores">How many writes devices did.</param>
    public void CompareAll(long deviceStores)
    {
        long found = 0;
        foreach (Block block in _blocks.Values)
        {
            for (int i = block.Touched.Next(0); i < PageMask.Pages; i = block.Touched.Next(i + 1))
            {
                ulong page = (block.Number << PageConstants.HugeOrder) + (ulong)i;
                nuint address = (nuint)(page << PageConstants.PageShift);
                Judge(page, GuardedAccess.Load(address, out uint cpu));
                Compare(page, cpu, block.Writes[i]);
                Judge(page, GuardedAccess.Load(address + (TraceContents.DeviceWord * sizeof(uint)), out uint device));
                found += device;
            }
        }

        if (found != deviceStores)
        {
            Difference ??= $"devices wrote {deviceStores} times, but {found} of these writes are in memory.";
        }
    }

    private static void Judge(ulong page, MemoryFault fault)
    {
        if (!fault.IsNone)
        {
            throw new FormatException($"The CPU's access to page {page << PageConstants.PageShift:x} raised {fault.Signal}: there is no memory for the page.");
        }
    }

    private void Compare(ulong page, uint found, uint writes)
    {
        if (found != writes)
        {
            Difference ??= $"the CPU wrote page {page << PageConstants.PageShift:x} {writes} times, but {found} of these writes are in memory.";
        }
    }

    private ref uint Touch(ulong page)
    {
        ulong number = page >> PageConstants.HugeOrder;
        if (_last == null || _last.Number != number)
        {
            if (!_blocks.TryGetValue(number, out _last))
            {
                _blocks.Add(number, _last = new Block(number));
            }
        }

        int index = (int)(page & (PageMask.Pages - 1));
        _last.Touched.Add(index);
        return ref _last.Writes[index];
    }

    private sealed class Block(ulong number)
    {
        public readonly ulong Number = number;
        public readonly uint[] Writes = new uint[PageMask.Pages];
        public PageMask Touched;
    }
}
