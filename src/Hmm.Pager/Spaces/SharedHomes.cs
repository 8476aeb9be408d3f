using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;

namespace Hmm.Pager.Spaces;

/// <summary>The homes of shared memory: they belong to the memory and not to an address, since a page outlives its mapping as long as another part of the memory
/// is mapped, and may come back at another address.</summary>
/// <remarks>Under the space's layout lock.</remarks>
/// <param name="frames">Takes homes back with the last mapping.</param>
internal sealed class SharedHomes(HomeFrames frames)
{
    private readonly List<(object Memory, Pfn First, ulong Count)> _runs = [];

    /// <summary>New shared memory has its homes.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="first">The home of its first page.</param>
    /// <param name="count">How many pages it has.</param>
    public void Add(object memory, Pfn first, ulong count) => _runs.Add((memory, first, count));

    /// <summary>Whether a home belongs to shared memory.</summary>
    public bool Holds(Pfn home) => _runs.Exists(run => home.Value - run.First.Value < run.Count);

    /// <summary>The homes of a part of shared memory, as far as the memory goes.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="index">Its first page.</param>
    /// <param name="range">Where it is mapped.</param>
    /// <returns>Null if the part lies beyond the memory's end.</returns>
    public HomeSegment? Find(object memory, ulong index, VirtualRange range)
    {
        foreach ((object known, Pfn first, ulong count) in _runs)
        {
            if (known == memory && index < count)
            {
                ulong bytes = System.Math.Min(count - index, range.PageCount) << PageConstants.PageShift;
                return new HomeSegment(range.Start.Value, range.Start.Value + bytes, first.Add((int)index));
            }
        }

        return null;
    }

    /// <summary>Takes back the homes of memory that is not mapped any more.</summary>
    public void ReturnUnmapped(AddressSpace space)
    {
        if (_runs.Count == 0)
        {
            return;
        }

        HashSet<object> mapped = [];
        space.MmapLock.EnterRead();
        for (int i = 0; i < space.VmaCount; i++)
        {
            if (space.GetVma(i).Backing is { } memory)
            {
                mapped.Add(memory);
            }
        }

        space.MmapLock.ExitRead();
        foreach ((object memory, Pfn first, ulong count) in _runs)
        {
            if (!mapped.Contains(memory))
            {
                frames.Return(first, count);
            }
        }

        _ = _runs.RemoveAll(run => !mapped.Contains(run.Memory));
    }
}
