using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Core.Diagnostics;
using Hmm.Pager.Spaces;

namespace Hmm.Pager.Diagnostics;

/// <summary>INV-17: a frame that nobody uses reads as zeros. What is found in one was written through a mapping that should have been gone.</summary>
/// <remarks>Nobody may use the space during a check. A free frame may have a page of zeros: one that was shown where the engine has its zero page.</remarks>
internal static class FreePageChecker
{
    public static void Check(LiveSpace space, ICollection<InvariantViolation> violations)
    {
        Span<byte> page = stackalloc byte[PageConstants.PageSize];
        for (long data = space.Frames.Find(0, isData: true); data >= 0; data = space.Frames.Find(data, isData: true))
        {
            long hole = space.Frames.Find(data, isData: false);
            for (; data < hole; data += PageConstants.PageSize)
            {
                Pfn frame = new((ulong)data >> PageConstants.PageShift);
                if (space.Memory.ArePlacesFree(frame, 1) && space.Frames.Read(data, page) == page.Length && page.ContainsAnyExcept((byte)0))
                {
                    violations.Add(new InvariantViolation("INV-17", $"{frame} is free and holds data"));
                }
            }
        }
    }
}
