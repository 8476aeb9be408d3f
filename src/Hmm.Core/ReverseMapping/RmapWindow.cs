using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Frames;

namespace Hmm.Core.ReverseMapping;

/// <summary>Where a mapping holds a folio: the addresses of the part that it covers.</summary>
internal readonly unsafe struct RmapWindow
{
    private RmapWindow(ulong start, ulong end)
    {
        Start = start;
        End = end;
    }

    public ulong Start { get; }

    public ulong End { get; }

    /// <summary>Works out the window; false if the mapping does not cover the folio at all.</summary>
    public static bool TryGet(Vma vma, PageFrame* head, out RmapWindow window)
    {
        ulong pages = head->IsLarge ? PageConstants.HugePages : 1UL;
        ulong first = Math.Max(head->Index, vma.PageOffset);
        ulong last = Math.Min(head->Index + pages, vma.IndexOf(vma.EndValue));
        if (first >= last)
        {
            window = default;
            return false;
        }

        ulong start = vma.StartValue + ((first - vma.PageOffset) << PageConstants.PageShift);
        window = new RmapWindow(start, start + ((last - first) << PageConstants.PageShift));
        return true;
    }
}
