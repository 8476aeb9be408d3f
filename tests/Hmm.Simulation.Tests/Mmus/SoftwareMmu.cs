using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Machines;

namespace Hmm.Simulation.Tests.Mmus;

/// <summary>An MMU as a table: what a real one may do, it does, and keeps everything until it is told to forget.</summary>
internal sealed class SoftwareMmu(MemorySystem memory, ulong pages) : IMmu
{
    private readonly Pfn _first = memory.ReservePlaces(pages);

    /// <summary>What CPUs reach without a fault, by page number.</summary>
    public Dictionary<ulong, (bool IsWritable, bool IsZeroPage)> Entries { get; } = [];

    /// <summary>Page number of the first page that has a frame.</summary>
    public ulong FirstPage { get; init; }

    public Pfn FrameOf(VirtualAddress page)
    {
        ulong index = page.PageNumber - FirstPage;
        return index < pages ? new Pfn(_first.Value + index) : Pfn.None;
    }

    public void Flush(VirtualRange range)
    {
        for (ulong page = range.Start.PageNumber; page < range.End.PageNumber; page++)
        {
            Entries.Remove(page);
        }
    }

    public void RevokeWrite(VirtualRange range)
    {
        for (ulong page = range.Start.PageNumber; page < range.End.PageNumber; page++)
        {
            if (Entries.TryGetValue(page, out (bool IsWritable, bool IsZeroPage) entry))
            {
                Entries[page] = (false, entry.IsZeroPage);
            }
        }
    }
}
