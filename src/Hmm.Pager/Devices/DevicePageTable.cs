using System.Collections.Generic;
using Hmm.Core.Addressing;

namespace Hmm.Pager.Devices;

/// <summary>A device's page table: which frame each page of an address space is in, and what the device may do with it.</summary>
/// <remarks>Under the lock of its mirror. Taking entries away allocates nothing; entering them may.</remarks>
internal sealed class DevicePageTable
{
    private readonly Dictionary<ulong, (Pfn Frame, DeviceRight Right)> _entries = [];

    /// <summary>How many entries there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Enters a page.</summary>
    public void Set(ulong page, Pfn frame, DeviceRight right) => _entries[page] = (frame, right);

    /// <summary>Looks a page up.</summary>
    /// <returns>The right, and none if the page is not there.</returns>
    public DeviceRight Find(ulong page, out Pfn frame)
    {
        if (_entries.TryGetValue(page, out (Pfn Frame, DeviceRight Right) entry))
        {
            frame = entry.Frame;
            return entry.Right;
        }

        frame = Pfn.None;
        return DeviceRight.None;
    }

    /// <summary>Takes the entries of a range away; <paramref name="end"/> is exclusive.</summary>
    public void Erase(ulong first, ulong end)
    {
        if (end - first < (ulong)_entries.Count)
        {
            for (ulong page = first; page < end; page++)
            {
                _entries.Remove(page);
            }

            return;
        }

        foreach (ulong page in _entries.Keys)
        {
            if (page >= first && page < end)
            {
                // A dictionary allows removal while it is enumerated.
                _entries.Remove(page);
            }
        }
    }
}
