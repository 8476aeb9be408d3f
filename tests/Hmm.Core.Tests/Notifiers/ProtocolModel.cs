using System.Collections.Generic;
using System.Linq;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Tests.Notifiers;

/// <summary>The rules of the sequence protocol once more, as plainly as they can be written: lists, no tree, no threads.</summary>
internal sealed class ProtocolModel
{
    private readonly List<Entry> _tree = [];
    private readonly List<Entry> _deferred = [];

    public ulong Sequence { get; private set; } = 2;

    public List<MmuNotifierRange> Active { get; } = [];

    public List<int> Calls { get; } = [];

    public int TreeCount => _tree.Count;

    public Dictionary<int, ulong> Numbers { get; } = [];

    private bool IsFrozen => Sequence % 2 == 1;

    public void Insert(int name, ulong firstPage, ulong pages)
    {
        var entry = new Entry(name, firstPage, firstPage + pages - 1);
        if (Active.Count == 0)
        {
            Numbers[name] = Sequence - 1;
            _tree.Add(entry);
        }
        else if (IsFrozen)
        {
            Numbers[name] = Sequence;
            _deferred.Add(entry);
        }
        else
        {
            Sequence++;
            Numbers[name] = Sequence;
            _tree.Add(entry);
        }
    }

    /// <summary>Whether removing it would wait.</summary>
    public bool WouldWait(int name) => IsFrozen && _tree.Exists(entry => entry.Name == name);

    public void Remove(int name)
    {
        _tree.RemoveAll(entry => entry.Name == name);
        _deferred.RemoveAll(entry => entry.Name == name);
        Numbers.Remove(name);
    }

    /// <summary>Starts; every second subscription refuses if the range is not blockable. Says whether it stands.</summary>
    public bool Start(MmuNotifierRange range)
    {
        Active.Add(range);
        ulong first = range.Range.Start.PageNumber;
        ulong last = first + range.Range.PageCount - 1;
        var hit = _tree.Where(entry => entry.First <= last && entry.Last >= first).OrderBy(entry => entry.First).ToList();
        if (hit.Count > 0 && !IsFrozen)
        {
            Sequence++;
        }

        foreach (Entry entry in hit)
        {
            Calls.Add(entry.Name);
            if (!range.IsBlockable && entry.Name % 2 == 1)
            {
                End(Active.Count - 1);
                return false;
            }

            Numbers[entry.Name] = Sequence;
        }

        return true;
    }

    public void End(int index)
    {
        Active.RemoveAt(index);
        if (Active.Count == 0 && IsFrozen)
        {
            Sequence++;
            _tree.AddRange(_deferred);
            _deferred.Clear();
        }
    }

    private sealed record Entry(int Name, ulong First, ulong Last);
}
