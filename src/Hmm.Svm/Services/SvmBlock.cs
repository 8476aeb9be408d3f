using System;
using Hmm.Svm.Policies;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Services;

/// <summary>What the driver knows of 2 MiB of an address space.</summary>
/// <remarks>Residence is under the residence lock (<see cref="ResidenceTable"/>); the rest under the system's state lock.</remarks>
internal sealed class SvmBlock(SvmSpace space, ulong number, int devices)
{
    public readonly SvmSpace Space = space;
    public readonly ulong Number = number;

    /// <summary>What lives with each device; index is the agent number less one.</summary>
    public readonly BlockResidence[] Residence = new BlockResidence[devices];

    /// <summary>When a window here was served last, for whichever device, in modelled nanoseconds; -1 for never.</summary>
    public long ServedAt = -1;

    /// <summary>The pages that were mapped then, and shortly before.</summary>
    public PageMask ServedPages;

    public int LastDestination = Agents.None;
    public int PriorFaults;
    public int PreferredLocation = Agents.None;
    public uint AccessedBy;

    /// <summary>Where a thrash policy has pinned pages, agent numbers plus one; null while none is.</summary>
    public byte[]? Pins;

    /// <summary>For each page the chunk that it belongs to: binary logarithm of its pages plus one, 0 for none; null in profiles without chunks.</summary>
    public byte[]? Chunks;

    public ulong FirstPage => Number << 9;

    /// <summary>Pages have been unmapped. A chunk that loses a part is gone as a whole; advice is for whole blocks, and goes with a whole one.</summary>
    public void Forget(in PageMask pages)
    {
        ServedPages -= pages;
        if (Pins != null || Chunks != null)
        {
            ForgetParts(pages);
        }

        if (pages.Count == PageMask.Pages)
        {
            (LastDestination, PriorFaults) = (Agents.None, 0);
            (PreferredLocation, AccessedBy) = (Agents.None, 0);
        }
    }

    private void ForgetParts(in PageMask pages)
    {
        for (int page = pages.Next(0); page < PageMask.Pages; page = pages.Next(page + 1))
        {
            if (Pins != null)
            {
                Pins[page] = 0;
            }

            if (Chunks != null && Chunks[page] != 0)
            {
                int size = 1 << (Chunks[page] - 1);
                Chunks.AsSpan(page & -size, size).Clear();
            }
        }
    }
}

/// <summary>What of a block lives in one device's memory.</summary>
internal struct BlockResidence
{
    /// <summary>The pages.</summary>
    public PageMask Pages;

    /// <summary>Their frames; null until the first arrives. A frame is listed where it arrived, also after its mapping moved.</summary>
    public uint[]? Frames;

    /// <summary>Which of the device's units each part of the block is, plus one, by key; 0 for none. Null until the first page arrives.</summary>
    public int[]? Units;

    /// <summary>The key of each page's unit, as it was when the page arrived; null while all are of the whole block.</summary>
    public byte[]? Keys;

    /// <summary>How often the block was evicted here.</summary>
    public int Evictions;
}
