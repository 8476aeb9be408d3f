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

    /// <summary>Takes frames for a mapping; none if there are no more.</summary>
    /// <param name="count">How many.</param>
    /// <param name="firstPage">Page number of the mapping's first page: address and frame are congruent modulo 512, so that huge pages fit.</param>
    public Pfn Take(ulong count, ulong firstPage)
    {
        ulong residue = firstPage & (PageConstants.HugePages - 1);
        Reclaim();
        if (TryTakeFree(count, residue, out ulong first))
        {
            return new Pfn(first);
        }

        ulong wanted = (count + PageConstants.HugePages + GrowFrames - 1) / GrowFrames * GrowFrames;
        Pfn fresh = memory.ReservePlaces(wanted);
        if (fresh.IsNone)
        {
            return fresh;
        }

        _free.Add((fresh.Value, wanted));
        return TryTakeFree(count, residue, out first) ? new Pfn(first) : Pfn.None;
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
            ulong skip = (residue - start) & (PageConstants.HugePages - 1);
            if (skip + count > length)
            {
                continue;
            }

            first = start + skip;
            _free.RemoveAt(i);
            AddFree(first + count, length - skip - count);
            AddFree(start, skip);
            return true;
        }

        first = 0;
        return false;
    }

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
