using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Scenarios.Explaining;

/// <summary>One page table at one moment: what is in it, and which mappings there are.</summary>
internal sealed class TableSnapshot
{
    /// <summary>More entries than this are not read: a lesson on a million pages teaches nothing more.</summary>
    public const int EntriesMax = 1 << 17;

    private readonly Dictionary<ulong, EntryState> _entries = [];
    private readonly List<(ulong First, ulong End, VmaFlags Flags)> _mappings = [];

    public TableSnapshot(bool hasMappings) => HasMappings = hasMappings;

    /// <summary>A page table with nothing in it: of a process before its birth and after its end.</summary>
    public static TableSnapshot Empty { get; } = new(hasMappings: true);

    public static TableSnapshot EmptyMirror { get; } = new(hasMappings: false);

    public bool IsTruncated { get; private set; }

    private bool HasMappings { get; }

    /// <summary>Adds a mapping.</summary>
    public void AddMapping(VirtualRange range, VmaFlags flags) =>
        _mappings.Add((range.Start.PageNumber, range.End.PageNumber, EntryReader.Shown(flags)));

    /// <summary>Adds an entry that is not empty.</summary>
    /// <returns>False if the snapshot is full; then it is marked so.</returns>
    public bool TryAdd(ulong page, EntryState state)
    {
        IsTruncated |= _entries.Count >= EntriesMax;
        if (!IsTruncated)
        {
            _entries[page] = state;
        }

        return !IsTruncated;
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
}
