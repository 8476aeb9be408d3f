using System;
using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.Machines;

namespace Hmm.Pager.Spaces;

/// <summary>Hands out runs of home frames to mappings, and takes them back when nobody uses any of them.</summary>
/// <remarks>Under the space's layout lock. First fit over a handful of runs: mappings are few and long.</remarks>
/// <param name="memory">The engine.</param>
/// <param name="machine">Discards what a mapping left behind.</param>
/// <param name="forget">Is told of frames that are nobody's home any more.</param>
internal sealed class HomeFrames(MemorySystem memory, IMachine machine, Action<Pfn, ulong> forget)
{
    private const ulong GrowFrames = 8192;

    private readonly List<(ulong First, ulong Count)> _free = [];
    private readonly List<(ulong First, ulong Count)> _retired = [];

    /// <summary>Takes frames for a mapping, in blocks that nobody else has a part of; none if there are no more.</summary>
    /// <param name="count">How many.</param>
    /// <param name="firstPage">Page number of the mapping's first page: address and frame are congruent modulo 512, so that huge pages fit.</param>
    /// <remarks>The rest of the first and the last block stays free for what is mapped beside it later: see <see cref="TryTakeAt"/>.</remarks>
    public Pfn Take(ulong count, ulong firstPage)
    {
        ulong residue = firstPage & (PageConstants.HugePages - 1);
        return EnsureRoom(count, firstPage) && TryTakeFree(count, residue, out ulong first) ? new Pfn(first) : Pfn.None;
    }

    /// <summary>Sees to it that so many frames can be taken.</summary>
    /// <returns>False if there are no more.</returns>
    public bool EnsureRoom(ulong count, ulong firstPage)
    {
        Reclaim();
        ulong blocks = BlockFrames(count, firstPage & (PageConstants.HugePages - 1));
        foreach ((ulong start, ulong length) in _free)
        {
            if (SkipToBlock(start) + blocks <= length)
            {
                return true;
            }
        }

        ulong wanted = (blocks + GrowFrames - 1) / GrowFrames * GrowFrames;
        Pfn fresh = memory.ReservePlaces(wanted);
        if (fresh.IsNone)
        {
            return false;
        }

        _free.Add((fresh.Value, wanted));
        Merge();
        return true;
    }

    /// <summary>Takes exactly these frames.</summary>
    /// <returns>False if one of them is taken, or was never set aside.</returns>
    public bool TryTakeAt(Pfn first, ulong count)
    {
        Reclaim();
        for (int i = 0; i < _free.Count; i++)
        {
            (ulong start, ulong length) = _free[i];
            if (first.Value >= start && first.Value + count <= start + length)
            {
                _free.RemoveAt(i);
                AddFree(start, first.Value - start);
                AddFree(first.Value + count, start + length - first.Value - count);
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes frames back. What is still in use, in a migration for instance, waits.</summary>
    public void Return(Pfn first, ulong count)
    {
        _retired.Add((first.Value, count));
        Reclaim();
    }

    private void Reclaim()
    {
        if (_retired.Count == 0)
        {
            return;
        }

        memory.RecycleFrames();
        for (int i = _retired.Count - 1; i >= 0; i--)
        {
            (ulong first, ulong count) = _retired[i];
            if (memory.ArePlacesFree(new Pfn(first), count))
            {
                // Zeros that were shown without a frame of their own are still there.
                machine.DiscardFrames(new Pfn(first), (int)count);
                forget(new Pfn(first), count);
                _retired.RemoveAt(i);
                _free.Add((first, count));
            }
        }

        Merge();
    }

    private bool TryTakeFree(ulong count, ulong residue, out ulong first)
    {
        for (int i = 0; i < _free.Count; i++)
        {
            (ulong start, ulong length) = _free[i];
            if (SkipToBlock(start) + BlockFrames(count, residue) > length)
            {
                continue;
            }

            first = start + SkipToBlock(start) + residue;
            _free.RemoveAt(i);
            AddFree(start, first - start);
            AddFree(first + count, start + length - first - count);
            return true;
        }

        first = 0;
        return false;
    }

    // Frames up to the next multiple of 512.
    private static ulong SkipToBlock(ulong frame) => (0 - frame) & (PageConstants.HugePages - 1);

    // Frames of all blocks that so many frames lie in, from a place in a block on.
    private static ulong BlockFrames(ulong count, ulong residue) =>
        (residue + count + PageConstants.HugePages - 1) & ~((ulong)PageConstants.HugePages - 1);

    private void AddFree(ulong first, ulong count)
    {
        if (count > 0)
        {
            _free.Add((first, count));
        }
    }

    private void Merge()
    {
        _free.Sort();
        for (int i = _free.Count - 2; i >= 0; i--)
        {
            if (_free[i].First + _free[i].Count == _free[i + 1].First)
            {
                _free[i] = (_free[i].First, _free[i].Count + _free[i + 1].Count);
                _free.RemoveAt(i + 1);
            }
        }
    }
}
