using System.Collections.Generic;
using Hmm.Core.Addressing;

namespace Hmm.Simulation.TestMirrors;

/// <summary>The page table of a test mirror: page number to frame and tag.</summary>
/// <remarks>Under the mirror's lock.</remarks>
internal sealed class MirrorTable
{
    private readonly Dictionary<ulong, (Pfn Pfn, MirrorTag Tag)> _entries = [];

    public void Set(ulong page, Pfn pfn, MirrorTag tag) => _entries[page] = (pfn, tag);

    public bool TryGet(ulong page, out Pfn pfn, out MirrorTag tag)
    {
        bool found = _entries.TryGetValue(page, out (Pfn Pfn, MirrorTag Tag) entry);
        (pfn, tag) = entry;
        return found;
    }

    public void Erase(ulong page) => _entries.Remove(page);

    /// <summary>Erases pages; both ends inclusive.</summary>
    public void EraseInclusive(ulong first, ulong last)
    {
        if (last - first < (ulong)_entries.Count)
        {
            for (ulong page = first; page <= last; page++)
            {
                _entries.Remove(page);
            }

            return;
        }

        foreach (ulong page in _entries.Keys)
        {
            if (page >= first && page <= last)
            {
                // A dictionary allows removal while it is enumerated.
                _entries.Remove(page);
            }
        }
    }

    /// <summary>A copy of the entries, for checks.</summary>
    public IReadOnlyList<KeyValuePair<ulong, (Pfn Pfn, MirrorTag Tag)>> ToList() => [.. _entries];
}
