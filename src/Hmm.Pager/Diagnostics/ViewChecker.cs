using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using Hmm.Core.Addressing;
using Hmm.Core.Diagnostics;
using Hmm.Core.PageTables;
using Hmm.Pager.Spaces;
using Microsoft.Win32.SafeHandles;

namespace Hmm.Pager.Diagnostics;

/// <summary>
/// INV-15 and INV-16 on the kernel's own page table: the view shows a page only where the engine's entry is present, accessed and at its home, and lets it be
/// written only where that entry is writable and dirty.
/// </summary>
/// <remarks>Nobody may use the space during a check. Reads /proc/self/pagemap, which names no frames without privileges but says what is mapped how.</remarks>
internal static class ViewChecker
{
    private const ulong Present = 1UL << 63;
    private const ulong WriteProtected = 1UL << 57;
    private const int BatchPages = 4096;

    public static void Check(LiveSpace space, ICollection<InvariantViolation> violations)
    {
        using SafeFileHandle pagemap = File.OpenHandle("/proc/self/pagemap");
        ulong[] words = new ulong[BatchPages];
        foreach (HomeSegment segment in space.Homes.Segments)
        {
            for (ulong at = segment.Start; at < segment.End; at += BatchPages * (ulong)PageConstants.PageSize)
            {
                int count = (int)Math.Min(BatchPages, (segment.End - at) >> PageConstants.PageShift);
                Span<ulong> part = words.AsSpan(0, count);
                _ = RandomAccess.Read(pagemap, MemoryMarshal.AsBytes(part), (long)(at >> PageConstants.PageShift) * sizeof(ulong));
                for (int i = 0; i < count; i++)
                {
                    VirtualAddress page = new VirtualAddress(at).AddPages(i);
                    if ((part[i] & Present) != 0 && Complain(space, page, segment.HomeOf(page.Value), (part[i] & WriteProtected) == 0) is { } complaint)
                    {
                        violations.Add(complaint);
                    }
                }
            }
        }
    }

    private static InvariantViolation? Complain(LiveSpace space, VirtualAddress page, Pfn home, bool isWritable)
    {
        Pte entry = space.Space.ReadEntry(page);
        int offset = entry.IsHuge ? (int)(page.PageNumber & (PageConstants.HugePages - 1)) : 0;
        bool isRight = entry.IsPresentAndAccessible && (entry.IsSpecial || entry.Pfn.Add(offset) == home);
        bool mayWrite = isRight && !entry.IsSpecial && entry.IsWritable && entry.IsDirty;
        string what = string.Create(CultureInfo.InvariantCulture, $"the view shows {page} {(isWritable ? "writable" : "read-only")}, its home is {home}");
        return !isRight || (isWritable && !mayWrite) ? new InvariantViolation("INV-15", $"{what}, and the entry is {entry}{(entry.IsDirty ? " dirty" : "")}")
            : !entry.IsYoung ? new InvariantViolation("INV-16", $"{what}, and the entry {entry} is not accessed")
            : null;
    }
}
