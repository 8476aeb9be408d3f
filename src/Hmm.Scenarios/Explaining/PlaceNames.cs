using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hmm.Core.Addressing;
using Hmm.Scenarios.Language;
using Hmm.Scenarios.Running;

namespace Hmm.Scenarios.Explaining;

/// <summary>Calls addresses as the scenario does: <c>a[3]</c>, <c>a[2..5]</c>; what no name covers is called by its address.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class PlaceNames
{
    // Later definitions last: what was mapped over something else hides it.
    private readonly List<(string Name, VirtualRange Range)> _names = [];
    private (string Name, VirtualAddress Start, VirtualRange Range) _asked;

    /// <summary>Names a range.</summary>
    /// <param name="range">Whole pages.</param>
    /// <returns>Its name.</returns>
    public string Describe(VirtualRange range)
    {
        if (range.End.Value >= PageConstants.UserSpaceEnd && range.Start.Value == 0)
        {
            return "everything";
        }

        // The command's own words first: a REF is only arithmetic and may run past its mapping.
        if (!_asked.Range.IsEmpty && Covers(_asked.Range, range))
        {
            return Text(_asked.Name, _asked.Start, range);
        }

        foreach ((string name, VirtualRange named) in Enumerable.Reverse(_names))
        {
            if (Covers(named, range))
            {
                return Text(name, named.Start, range);
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{range.Start}+{range.PageCount}");
    }

    /// <summary>Notes the names that a command gives and uses.</summary>
    internal void Note(in CommandContext context)
    {
        _asked = default;
        if (context.Command is MapCommand map && context.Range is { } place)
        {
            Define(map.Name, place);
        }
        else if (context.Command is RemapCommand remap && context.Target is { } target)
        {
            Define(remap.Name, target);
        }

        if (context.Command.Reference is { } reference && context.Range is { } range)
        {
            long first = reference.Pages?.First ?? 0;
            _asked = (reference.Name, range.Start.AddPages(-first), range);
        }
    }

    private static bool Covers(VirtualRange named, VirtualRange range) => named.Start <= range.Start && range.End <= named.End;

    private static string Text(string name, VirtualAddress start, VirtualRange range)
    {
        long first = (long)range.Start.PageNumber - (long)start.PageNumber;
        long count = (long)Math.Max(range.PageCount, 1);
        return new PageReference(name, new PageSpan(first, first + count)).ToString();
    }

    private void Define(string name, VirtualRange range)
    {
        _names.RemoveAll(known => known.Name == name);
        _names.Add((name, range));
    }
}
