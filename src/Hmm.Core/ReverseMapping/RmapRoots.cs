using System;
using System.Collections.Generic;
using System.Threading;
using Hmm.Core.Locking;

namespace Hmm.Core.ReverseMapping;

/// <summary>Numbers for <see cref="RmapRoot"/> objects, since a frame's record is native memory and cannot refer to an object.</summary>
/// <remarks>Thread-safe. Looking one up is two loads; a number stays valid while a frame or a mapping holds a reference.</remarks>
internal sealed class RmapRoots
{
    private readonly object _lock = new();
    private readonly Stack<int> _freeIds = new();
    private RmapRoot?[] _roots = new RmapRoot?[64];
    private int _next = 1;

    public RmapRoot this[int id] => Volatile.Read(ref _roots)[id]!;

    /// <summary>How many are registered, for leak checks.</summary>
    public int Count
    {
        get
        {
            using (new MonitorHold(_lock, LockRank.Roots))
            {
                return _next - 1 - _freeIds.Count;
            }
        }
    }

    /// <summary>Everything that is registered, for checks.</summary>
    public List<RmapRoot> ToList()
    {
        using (new MonitorHold(_lock, LockRank.Roots))
        {
            List<RmapRoot> roots = [];
            for (int id = 1; id < _next; id++)
            {
                if (_roots[id] is { } root)
                {
                    roots.Add(root);
                }
            }

            return roots;
        }
    }

    /// <summary>Gives the object a number and a first reference.</summary>
    public void Register(RmapRoot root)
    {
        using (new MonitorHold(_lock, LockRank.Roots))
        {
            int id = _freeIds.Count > 0 ? _freeIds.Pop() : _next++;
            if (id == _roots.Length)
            {
                RmapRoot?[] larger = new RmapRoot?[_roots.Length * 2];
                Array.Copy(_roots, larger, _roots.Length);
                Volatile.Write(ref _roots, larger);
            }

            _roots[id] = root;
            root.Id = id;
            root.Get();
        }
    }

    /// <summary>Gives a reference up, and the number with the last one.</summary>
    public void Put(RmapRoot root)
    {
        if (!root.Put())
        {
            return;
        }

        using (new MonitorHold(_lock, LockRank.Roots))
        {
            _roots[root.Id] = null;
            _freeIds.Push(root.Id);
        }
    }
}
