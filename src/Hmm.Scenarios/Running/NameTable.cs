using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Scenarios.Language;

namespace Hmm.Scenarios.Running;

/// <summary>Names of mappings, and the arithmetic of REFs on them. All processes share them.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class NameTable
{
    private readonly Dictionary<string, NamedMapping> _mappings = [];

    public void Define(string name, NamedMapping mapping) => _mappings[name] = mapping;

    /// <summary>The address that <c>at=</c> means.</summary>
    public bool TryResolve(MapPlace place, out VirtualAddress start, out string reason)
    {
        start = default;
        if (!TryFind(place.Name, out NamedMapping mapping, out reason))
        {
            return false;
        }

        start = mapping.Start.AddPages(place.Offset);
        return IsInside((long)mapping.Start.PageNumber + place.Offset, out reason);
    }

    /// <summary>The addresses that a REF means.</summary>
    public bool TryResolve(PageReference reference, out VirtualRange range, out string reason)
    {
        range = default;
        if (!TryFind(reference.Name, out NamedMapping mapping, out reason))
        {
            return false;
        }

        // INV: start, first and end are each at most 2^52 from zero (PageSpan.LargestIndex), so these sums do not wrap.
        PageSpan pages = reference.Pages ?? new PageSpan(0, mapping.PageCount);
        long first = (long)mapping.Start.PageNumber + pages.First;
        long end = (long)mapping.Start.PageNumber + pages.End;
        if (!IsInside(first, out reason) || !IsInside(end, out reason))
        {
            return false;
        }

        range = new VirtualRange(VirtualAddress.FromPage((ulong)first), VirtualAddress.FromPage((ulong)end));
        return true;
    }

    private bool TryFind(string name, out NamedMapping mapping, out string reason)
    {
        bool isKnown = _mappings.TryGetValue(name, out mapping);
        reason = isKnown ? "" : $"No mapping has the name '{name}'.";
        return isKnown;
    }

    private static bool IsInside(long page, out string reason)
    {
        bool isInside = page is >= 0 and < PageSpan.LargestIndex;
        reason = isInside ? "" : "The pages lie outside of the 64-bit range of addresses.";
        return isInside;
    }
}
