using System;
using System.Numerics;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.PageTables;
using Hmm.Svm.Policies;
using Hmm.Svm.Policies.Servicing;
using Hmm.Svm.Profiles;

namespace Hmm.Svm.Services;

// What a window is.
internal sealed partial class WindowService
{
    /// <summary>Finds the window around a fault: the profile's, cut by the mapping, the block and what the driver keeps for itself.</summary>
    /// <returns>False if nothing is mapped at the fault, or it may not be used.</returns>
    private bool TryOpenWindow(SvmChannel channel, SvmBlock block, ulong page, ref WindowPlan plan)
    {
        AddressSpace space = channel.Space.Space;
        VirtualAddress address = VirtualAddress.FromPage(page);
        if (channel.Unmanaged.Contains(address))
        {
            return false;
        }

        space.MmapLock.EnterRead();
        try
        {
            Vma? vma = space.IsDead ? null : space.FindVma(address);
            if (vma == null || (vma.Flags & VmaFlags.Read) == 0)
            {
                return false;
            }

            ulong low = vma.Range.Start.PageNumber;
            ulong high = vma.Range.End.PageNumber;
            if (!channel.Unmanaged.IsEmpty)
            {
                low = page >= channel.Unmanaged.End.PageNumber ? Math.Max(low, channel.Unmanaged.End.PageNumber) : low;
                high = page < channel.Unmanaged.Start.PageNumber ? Math.Min(high, channel.Unmanaged.Start.PageNumber) : high;
            }

            int first = (int)Math.Max((long)low - (long)block.FirstPage, 0);
            int end = (int)Math.Min(high - block.FirstPage, PageMask.Pages);
            int at = (int)(page - block.FirstPage);
            plan.IsWritable = (vma.Flags & VmaFlags.Write) != 0;
            plan.CanMigrate = vma.IsAnonymous && (vma.Flags & VmaFlags.Special) == 0;
            plan.WindowEnd = _profile.Window switch
            {
                ServiceWindow.Gaps => Math.Min(high, page + (ulong)_profile.WindowPages),
                ServiceWindow.Region => Math.Min(high, page + (ulong)Math.Min(_profile.WindowPages, 1 + PagesAhead)),
                _ => 0,
            };
            (plan.First, plan.End) = _profile.Window switch
            {
                ServiceWindow.Page => (at, at + 1),
                ServiceWindow.Gaps or ServiceWindow.Region => (at, Math.Min(end, at + _profile.WindowPages)),
                ServiceWindow.Granule => Aligned(at, Math.Min(_profile.WindowPages, PageMask.Pages), first, end),
                ServiceWindow.Chunk => Chunk(channel, block, at, first, end),
                _ => (first, end),
            };
            return true;
        }
        finally
        {
            space.MmapLock.ExitRead();
        }
    }

    private int PagesAhead => _system.Policies.HasPrefetch ? _system.Policies.Prefetch.PagesAhead : 0;

    private static (int First, int End) Aligned(int at, int pages, int first, int end)
    {
        int start = at & ~(pages - 1);
        return (Math.Max(start, first), Math.Min(start + pages, end));
    }

    /// <summary>The chunk of the fault: one that is there already, or a new one, which then stays.</summary>
    private (int First, int End) Chunk(SvmChannel channel, SvmBlock block, int at, int first, int end)
    {
        PageSpan bounds = new((ulong)first, (ulong)end);
        lock (_system.StateLock)
        {
            block.Chunks ??= new byte[PageMask.Pages];
            if (block.Chunks[at] != 0)
            {
                PageSpan known = SpanOf(at, 1 << (block.Chunks[at] - 1));
                if (bounds.Contains(known))
                {
                    return ((int)known.First, (int)known.End);
                }

                // The mapping has lost a part of it: the chunk is gone as a whole.
                block.Chunks.AsSpan((int)known.First, (int)known.Count).Clear();
            }

            Reason reason = ChunkChoice.Choose((ulong)at, _profile.ChunkPages, bounds, new ChunkMap(channel.Space.Space, block), out PageSpan chunk);
            _system.Explain("prefetch", device.Agent, channel.Space.Index, block.FirstPage + (ulong)at, reason);
            if (chunk.Count == 0)
            {
                return (at, at + 1);
            }

            byte size = (byte)(BitOperations.Log2(chunk.Count) + 1);
            block.Chunks.AsSpan((int)chunk.First, (int)chunk.Count).Fill(size);
            return ((int)chunk.First, (int)chunk.End);
        }
    }

    private static PageSpan SpanOf(int at, int pages)
    {
        ulong start = (ulong)(at & ~(pages - 1));
        return new PageSpan(start, start + (ulong)pages);
    }

    /// <summary>What lies in one block, for the choice of a chunk; pages are counted from the block's first.</summary>
    private readonly struct ChunkMap(AddressSpace space, SvmBlock block) : IChunkMap
    {
        public bool Overlaps(PageSpan span) => block.Chunks.AsSpan((int)span.First, (int)span.Count).ContainsAnyExcept((byte)0);

        public bool IsPopulated(PageSpan span)
        {
            for (ulong page = span.First; page < span.End; page++)
            {
                // What is in swap the CPU does not have.
                Pte entry = space.ReadEntry(VirtualAddress.FromPage(block.FirstPage + page));
                if (!entry.IsPresent && !entry.IsDevicePrivate)
                {
                    return false;
                }
            }

            return true;
        }
    }
}
