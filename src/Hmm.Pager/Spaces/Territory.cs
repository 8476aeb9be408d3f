using System;
using System.Collections.Generic;
using Hmm.Linux;

namespace Hmm.Pager.Spaces;

/// <summary>The address ranges that a live space has taken from the process. They stay taken until the space goes, so that a hole in it is a hole and not
/// somebody else's memory.</summary>
/// <remarks>Under the space's layout lock.</remarks>
internal sealed class Territory : IDisposable
{
    private readonly List<(nuint Start, nuint End)> _ranges = [];

    /// <summary>Takes addresses wherever they are free.</summary>
    /// <returns>The first address, or a negative error number.</returns>
    public nint Claim(nuint length, nuint alignment)
    {
        nint start = MemoryMap.Reserve(length, alignment);
        if (start > 0)
        {
            Add((nuint)start, (nuint)start + length);
        }

        return start;
    }

    /// <summary>Takes addresses at a place, as far as they are not taken already.</summary>
    /// <returns>0 or a negative error number: -EEXIST if something else in the process is there.</returns>
    public int ClaimAt(nuint start, nuint end)
    {
        nuint at = start;
        while (at < end)
        {
            (nuint from, nuint to) = NextRange(at);
            if (from <= at)
            {
                at = to;
                continue;
            }

            nuint gapEnd = Math.Min(end, from);
            nint claimed = MemoryMap.ReserveIfFree(at, gapEnd - at);
            if (claimed < 0)
            {
                return (int)claimed;
            }

            Add(at, gapEnd);
            at = gapEnd;
        }

        return 0;
    }

    /// <summary>Whether all of a range is taken.</summary>
    public bool Holds(nuint start, nuint end)
    {
        (nuint from, nuint to) = NextRange(start);
        return from <= start && to >= end;
    }

    /// <summary>Takes every access away and drops what is mapped.</summary>
    public void MakeInaccessible()
    {
        foreach ((nuint start, nuint end) in _ranges)
        {
            _ = MemoryMap.ReserveAt(start, end - start);
        }
    }

    /// <summary>Gives the addresses back to the process.</summary>
    public void Dispose()
    {
        foreach ((nuint start, nuint end) in _ranges)
        {
            _ = MemoryMap.Unmap(start, end - start);
        }

        _ranges.Clear();
    }

    // The range that holds the address or is the next one above it.
    private (nuint Start, nuint End) NextRange(nuint address)
    {
        foreach ((nuint start, nuint end) range in _ranges)
        {
            if (range.end > address)
            {
                return range;
            }
        }

        return (nuint.MaxValue, nuint.MaxValue);
    }

    private void Add(nuint start, nuint end)
    {
        _ranges.Add((start, end));
        _ranges.Sort();
        for (int i = _ranges.Count - 2; i >= 0; i--)
        {
            if (_ranges[i].End == _ranges[i + 1].Start)
            {
                _ranges[i] = (_ranges[i].Start, _ranges[i + 1].End);
                _ranges.RemoveAt(i + 1);
            }
        }
    }
}
