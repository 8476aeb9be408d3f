using System;
using Hmm.Core.Addressing;
using Hmm.Svm.Profiles;

namespace Hmm.Svm.Services;

/// <summary>The order in which a batch is served: address space, page, strongest access first, arrival. A total order.</summary>
/// <remarks>Thread-safe: no state.</remarks>
internal static class FaultOrder
{
    /// <summary>Sorts by merging: allocates nothing, and ends whatever a defective comparison says.</summary>
    /// <param name="faults">The faults.</param>
    /// <param name="scratch">As long.</param>
    /// <param name="defects">Defects of the order.</param>
    public static void Sort(Span<PendingFault> faults, Span<PendingFault> scratch, DriverDefects defects)
    {
        if (faults.Length < 2)
        {
            return;
        }

        int half = faults.Length / 2;
        Sort(faults[..half], scratch, defects);
        Sort(faults[half..], scratch, defects);
        if (Compare(faults[half - 1], faults[half], defects) <= 0)
        {
            return;
        }

        faults.CopyTo(scratch);
        (int left, int right) = (0, half);
        for (int i = 0; i < faults.Length; i++)
        {
            bool takeLeft = left < half && (right == faults.Length || Compare(scratch[left], scratch[right], defects) <= 0);
            faults[i] = takeLeft ? scratch[left++] : scratch[right++];
        }
    }

    private static int Compare(in PendingFault x, in PendingFault y, DriverDefects defects)
    {
        int order = x.Channel.Space.Index.CompareTo(y.Channel.Space.Index);
        if (order != 0)
        {
            return order;
        }

        long distance = (long)(x.Page - y.Page) << PageConstants.PageShift;
        order = defects.Has(DriverDefects.TruncatedOrder) ? unchecked((int)distance) : Math.Sign(distance);
        if (order != 0)
        {
            return order;
        }

        order = x.Kind.CompareTo(y.Kind);
        order = defects.Has(DriverDefects.WeakestFirst) ? order : -order;
        return order != 0 ? order : x.Arrival.CompareTo(y.Arrival);
    }
}
