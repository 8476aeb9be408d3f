using System;
using System.Linq;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.PageTables;
using Hmm.Pager.Exports;
using Hmm.Pager.Recording;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Pager.Spaces;

// What was recorded, and the tables as they are: for those who explain a space. While nobody else uses it.
internal sealed partial class LiveSpace
{
    /// <summary>Takes recorded events, the oldest first.</summary>
    /// <param name="events">Where they go.</param>
    /// <param name="dropped">How many were lost, said with the last ones.</param>
    /// <returns>How many were taken; 0 also if nothing is recorded.</returns>
    public int TakeEvents(Span<PagerEvent> events, out long dropped)
    {
        dropped = 0;
        AwaitRecording();
        return Recorder?.Take(events, out dropped) ?? 0;
    }

    /// <summary>Mappings that end after an address, in address order.</summary>
    /// <returns>How many were written; fewer than there is room for if they are all.</returns>
    public int ReadMappings(ulong from, Span<PagerMapping> mappings)
    {
        int count = 0;
        Space.MmapLock.EnterRead();
        for (int i = 0; i < Space.VmaCount && count < mappings.Length; i++)
        {
            Vma vma = Space.GetVma(i);
            if (vma.Range.End.Value > from)
            {
                mappings[count++] = new PagerMapping { Start = vma.Range.Start.Value, End = vma.Range.End.Value, Flags = (ulong)vma.Flags };
            }
        }

        Space.MmapLock.ExitRead();
        return count;
    }

    /// <summary>Entries of the process's page table that are not empty, of a range that one mapping holds.</summary>
    /// <returns>How many were written; fewer than there is room for if they are all.</returns>
    public int ReadEntries(VirtualRange range, Span<PagerEntry> entries)
    {
        AwaitRecording();
        int count = 0;
        VirtualAddress next = range.Start;
        Space.MmapLock.EnterRead();
        while (count < entries.Length && Space.TryFindEntry(next, range.End, out VirtualAddress page, out Pte entry))
        {
            bool isDevice = entry.Kind is PteKind.DeviceRead or PteKind.DeviceWrite;
            int device = EventRecorder.NumberOf(Memory, isDevice ? entry.Pfn : Pfn.None);
            entries[count++] = new PagerEntry { Address = page.Value, Word = entry.Value, Device = device };
            next = page.AddPages(1);
        }

        Space.MmapLock.ExitRead();
        return count;
    }

    /// <summary>Entries of a test mirror's page table, in address order.</summary>
    /// <param name="device">0 or 1.</param>
    /// <param name="from">The first address.</param>
    /// <param name="entries">Where they go.</param>
    /// <returns>How many were written; fewer than there is room for if they are all.</returns>
    public int ReadMirror(int device, ulong from, Span<PagerEntry> entries)
    {
        // The table has no order of its own.
        var following = TestMirror(device).ReadTable().Where(entry => entry.Key >= from >> PageConstants.PageShift);
        int count = 0;
        foreach ((ulong page, (Pfn frame, MirrorTag tag)) in following.OrderBy(entry => entry.Key).Take(entries.Length))
        {
            entries[count++] = new PagerEntry
            {
                Address = page << PageConstants.PageShift,
                Word = frame.Value,
                Tag = (int)tag,
                Device = EventRecorder.NumberOf(Memory, frame),
            };
        }

        return count;
    }

    private void AwaitRecording()
    {
        if (Recorder != null)
        {
            _faults.AwaitIdle();
        }
    }
}
