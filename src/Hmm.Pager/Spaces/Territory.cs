using System;
using System.Collections.Generic;
using Hmm.Linux;

namespace Hmm.Pager.Spaces;

/// <summary>The address ranges that a live space has taken from the process. They stay taken until whoever asked for them gives them up or the space goes, so that
/// a hole in it is a hole and not somebody else's memory.</summary>
/// <remarks>Under the space's layout lock.</remarks>
internal sealed class Territory : IDisposable
{
    private readonly List<(nuint Start, nuint End)> _ranges = [];

    /// <summary>What was claimed wherever there was room and was not given up, by its first address.</summary>
    private readonly Dictionary<nuint, nuint> _claims = [];

    /// <summary>Takes addresses wherever they are free.</summary>
    /// <returns>The first address, or a negative error number.</returns>
    public nint Claim(nuint length, nuint alignment)
    {
        nint start = MemoryMap.Reserve(length, alignment);
        if (start == -Errno.ENOMEM && RestingAddresses.GiveBack(0, nuint.MaxValue))
        {
            start = MemoryMap.Reserve(length, alignment);
        }

        if (start > 0)
        {
            Add((nuint)start, (nuint)start + length);
            _claims.Add((nuint)start, (nuint)start + length);
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
            if (claimed == -Errno.EEXIST && RestingAddresses.GiveBack(at, gapEnd))
            {
                claimed = MemoryMap.ReserveIfFree(at, gapEnd - at);
            }

            if (claimed < 0)
            {
                return (int)claimed;
            }

            Add(at, gapEnd);
            at = gapEnd;
        }

        return 0;
    }

    /// <summary>The end of what <see cref="Claim"/> has given out at an address and nobody has given up.</summary>
    public bool TryFindClaim(nuint start, out nuint end) => _claims.TryGetValue(start, out end);

    /// <summary>Gives up what <see cref="Claim"/> has given out. Nothing may be mapped there any more.</summary>
    /// <param name="start">The first address of such a claim.</param>
    public void Release(nuint start)
    {
        if (_claims.Remove(start, out nuint end))
        {
            Remove(start, end);
            RestingAddresses.Add(start, end - start);
        }
    }

    /// <summary>Takes every access away and drops what is mapped.</summary>
    public void MakeInaccessible()
    {
        foreach ((nuint start, nuint end) in _ranges)
        {
            _ = MemoryMap.ReserveAt(start, end - start);
        }
    }

    /// <summary>Gives all addresses up. Nothing may be mapped there any more.</summary>
    public void Dispose()
    {
        foreach (nuint start in new List<nuint>(_claims.Keys))
        {
            Release(start);
        }

        // Who chose the place may want it again, and knows best who still touches it.
        foreach ((nuint start, nuint end) in _ranges)
        {
            _ = MemoryMap.Unmap(start, end - start);
        }

        _ranges.Clear();
    }

    // The range that holds the address or is the next one above it.
    private (nuint Start, nuint End) NextRange(nuint address)
    {
        int index = FirstEndingAfter(address);
        return index < _ranges.Count ? _ranges[index] : (nuint.MaxValue, nuint.MaxValue);
    }

    private int FirstEndingAfter(nuint address)
    {
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = _ranges[middle].End > address ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    // Neighbours become one, so that a range that is taken in pieces is held as a whole.
    private void Add(nuint start, nuint end)
    {
        int index = FirstEndingAfter(start);
        if (index < _ranges.Count && _ranges[index].Start == end)
        {
            end = _ranges[index].End;
            _ranges.RemoveAt(index);
        }

        if (index > 0 && _ranges[index - 1].End == start)
        {
            _ranges[index - 1] = (_ranges[index - 1].Start, end);
        }
        else
        {
            _ranges.Insert(index, (start, end));
        }
    }

    private void Remove(nuint start, nuint end)
    {
        int index = FirstEndingAfter(start);
        (nuint from, nuint to) = _ranges[index];
        _ranges.RemoveAt(index);
        if (to > end)
        {
            _ranges.Insert(index, (end, to));
        }

        if (from < start)
        {
            _ranges.Insert(index, (from, start));
        }
    }
}
