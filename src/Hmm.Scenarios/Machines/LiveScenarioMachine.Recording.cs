using System;
using Hmm.Core.Addressing;
using Hmm.Live.Interop;
using Hmm.Pager.Exports;

namespace Hmm.Scenarios.Machines;

// What the pager has recorded, and its tables, by the scenario's addresses. While no command runs.
public sealed unsafe partial class LiveScenarioMachine
{
    /// <summary>Takes recorded events, the oldest first.</summary>
    /// <returns>How many; fewer than there is room for if there are no more.</returns>
    internal int TakeEvents(Span<PagerEvent> events, out long dropped)
    {
        long lost = 0;
        int count;
        fixed (PagerEvent* first = events)
        {
            count = PagerApi.events(Space, first, events.Length, &lost);
        }

        PagerApi.Check(count, "hmm_events", "fetching what a live address space has recorded");
        foreach (ref PagerEvent told in events[..count])
        {
            told.Address = _slot.Name(told.Address);
        }

        dropped = lost;
        return count;
    }

    /// <summary>Mappings that end after an address.</summary>
    /// <returns>How many; fewer than there is room for if there are no more.</returns>
    internal int ReadMappings(VirtualAddress from, Span<PagerMapping> mappings)
    {
        int count;
        fixed (PagerMapping* first = mappings)
        {
            count = PagerApi.mappings(Space, (nuint)_slot.Locate(from).Value, first, mappings.Length);
        }

        PagerApi.Check(count, "hmm_mappings", "reading the mappings of a live address space");
        foreach (ref PagerMapping mapping in mappings[..count])
        {
            mapping.Start = _slot.Name(mapping.Start);
            mapping.End = _slot.Name(mapping.End);
        }

        return count;
    }

    /// <summary>Entries of the engine's page table that are not empty.</summary>
    /// <returns>How many; fewer than there is room for if there are no more.</returns>
    internal int ReadEntries(VirtualRange range, Span<PagerEntry> entries)
    {
        int count;
        fixed (PagerEntry* first = entries)
        {
            count = PagerApi.entries(Space, (nuint)_slot.Locate(range.Start).Value, (nuint)range.LengthBytes, first, entries.Length);
        }

        return Name(count, entries, "hmm_entries");
    }

    /// <summary>Entries of a mirror's page table.</summary>
    /// <returns>How many; fewer than there is room for if there are no more.</returns>
    internal int ReadMirror(int device, VirtualAddress from, Span<PagerEntry> entries)
    {
        int count;
        fixed (PagerEntry* first = entries)
        {
            count = PagerApi.mirror_entries(Space, device, (nuint)_slot.Locate(from).Value, first, entries.Length);
        }

        return Name(count, entries, "hmm_mirror_entries");
    }

    private int Name(int count, Span<PagerEntry> entries, string call)
    {
        PagerApi.Check(count, call, "reading a page table of a live address space");
        foreach (ref PagerEntry entry in entries[..count])
        {
            entry.Address = _slot.Name(entry.Address);
        }

        return count;
    }
}
