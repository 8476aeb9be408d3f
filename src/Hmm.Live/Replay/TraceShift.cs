using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Core;
using Hmm.Core.Addressing;

namespace Hmm.Live.Replay;

/// <summary>Finds room in this process for the addresses of a trace: where they were, or all of them moved by the same distance.</summary>
internal static class TraceShift
{
    /// <summary>The distances tried are multiples of this: of all that a driver aligns to.</summary>
    private const ulong Step = 1UL << 43;

    private const int StepsMax = 15;

    /// <summary>Maps the ranges.</summary>
    /// <param name="space">Where.</param>
    /// <param name="ranges">Whole pages, apart.</param>
    /// <returns>By how much they lie above their own addresses, in bytes; it can be negative.</returns>
    /// <exception cref="FormatException">There is no room; the message is a sentence for the user.</exception>
    public static long Map(ServiceSpace space, IReadOnlyList<VirtualRange> ranges)
    {
        HmmStatus first = HmmStatus.Success;
        for (int i = 0; i <= 2 * StepsMax; i++)
        {
            long shift = (i % 2 == 0 ? -1 : 1) * ((i + 1) / 2) * (long)Step;
            HmmStatus status = TryMap(space, ranges, shift);
            if (status == HmmStatus.Success)
            {
                return shift;
            }

            first = i == 0 ? status : first;
        }

        throw new FormatException(
            $"This process has no room for the {ranges.Count} ranges of addresses that the trace is about ({first.ErrnoName()}): use --machine sim.");
    }

    private static HmmStatus TryMap(ServiceSpace space, IReadOnlyList<VirtualRange> ranges, long shift)
    {
        // Nothing below the first block: most systems keep address 0 free.
        bool fits = ranges.All(range =>
            (long)range.Start.Value + shift >= (long)PageConstants.PmdSize && (long)range.End.Value + shift <= (long)PageConstants.UserSpaceEnd);
        HmmStatus status = fits ? HmmStatus.Success : HmmStatus.Exists;
        int mapped = 0;
        while (status == HmmStatus.Success && mapped < ranges.Count)
        {
            status = space.Map(Shift(ranges[mapped], shift));
            mapped += status == HmmStatus.Success ? 1 : 0;
        }

        for (int i = 0; i < mapped && status != HmmStatus.Success; i++)
        {
            space.Unmap(Shift(ranges[i], shift));
        }

        return status;
    }

    private static VirtualRange Shift(VirtualRange range, long shift) =>
        new(new VirtualAddress(range.Start.Value + (ulong)shift), new VirtualAddress(range.End.Value + (ulong)shift));
}
