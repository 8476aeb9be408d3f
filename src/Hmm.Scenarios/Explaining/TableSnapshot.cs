using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.PageTables;
using Hmm.Simulation.TestMirrors;

namespace Hmm.Scenarios.Explaining;

/// <summary>One page table at one moment: what is in it, and which mappings there are.</summary>
internal sealed class TableSnapshot
{
    /// <summary>More entries than this are not read: a lesson on a million pages teaches nothing more.</summary>
    public const int EntriesMax = 1 << 17;

    private readonly Dictionary<ulong, EntryState> _entries = [];
    private readonly List<(ulong First, ulong End, VmaFlags Flags)> _mappings = [];

    private TableSnapshot(bool hasMappings) => HasMappings = hasMappings;

    /// <summary>A page table with nothing in it: of a process before its birth and after its end.</summary>
    public static TableSnapshot Empty { get; } = new(hasMappings: true);

    public static TableSnapshot EmptyMirror { get; } = new(hasMappings: false);

    public bool IsTruncated { get; private set; }

    private bool HasMappings { get; }

    public static TableSnapshot Of(AddressSpace space)
    {
        if (space.IsDead)
        {
            return Empty;
        }

        var snapshot = new TableSnapshot(hasMappings: true);
        for (int i = 0; i < space.VmaCount; i++)
        {
            Vma vma = space.GetVma(i);
            VmaFlags flags = EntryReader.Shown(vma.Flags);
            snapshot._mappings.Add((vma.Range.Start.PageNumber, vma.Range.End.PageNumber, flags));
            snapshot.Read(space, vma.Range, flags);
        }

        return snapshot;
    }

    public static TableSnapshot Of(TestMirror mirror)
    {
        var snapshot = new TableSnapshot(hasMappings: false);
        foreach ((ulong page, (Pfn pfn, MirrorTag tag)) in mirror.ReadTable())
        {
            if (snapshot._entries.Count >= EntriesMax)
            {
                snapshot.IsTruncated = true;
                break;
            }

            snapshot._entries[page] = EntryReader.Describe(mirror.Device.Memory, pfn, tag);
        }

        return snapshot;
    }

    public EntryState this[ulong page]
    {
        get
        {
            if (_entries.TryGetValue(page, out EntryState state))
            {
                return state;
            }

            foreach ((ulong first, ulong end, VmaFlags flags) in _mappings)
            {
                if (page >= first && page < end)
                {
                    return new EntryState(EntryKind.Nothing, Mapping: flags);
                }
            }

            return new EntryState(HasMappings ? EntryKind.NotMapped : EntryKind.Nothing);
        }
    }

    /// <summary>Where one of the entries shows the frame of memory.</summary>
    public bool TryFind(Pfn frame, out VirtualAddress page)
    {
        foreach ((ulong at, EntryState state) in _entries)
        {
            if (state.Frame == frame && state.Kind != EntryKind.Swap)
            {
                page = VirtualAddress.FromPage(at);
                return true;
            }
        }

        page = default;
        return false;
    }

    /// <summary>Adds every page number at which the table may look different from the page before it.</summary>
    public void AddBoundaries(HashSet<ulong> boundaries)
    {
        foreach (ulong page in _entries.Keys)
        {
            boundaries.Add(page);
            boundaries.Add(page + 1);
        }

        foreach ((ulong first, ulong end, _) in _mappings)
        {
            boundaries.Add(first);
            boundaries.Add(end);
        }
    }

    private void Read(AddressSpace space, VirtualRange range, VmaFlags flags)
    {
        VirtualAddress next = range.Start;
        while (space.TryFindEntry(next, range.End, out VirtualAddress page, out Pte entry))
        {
            if (_entries.Count >= EntriesMax)
            {
                IsTruncated = true;
                return;
            }

            _entries[page.PageNumber] = EntryReader.Describe(space.Engine, entry, page.PageNumber) with { Mapping = flags };
            next = page.AddPages(1);
        }
    }
}
