using System;
using System.Collections.Generic;
using Hmm.Core.Addressing;
using Hmm.Svm.Profiles;

namespace Hmm.Svm.Services;

/// <summary>The order in which a batch is served: address space, page, strongest access first, arrival. A total order.</summary>
/// <remarks>Thread-safe: immutable.</remarks>
internal readonly struct FaultOrder : IComparer<PendingFault>
{
    public int Compare(PendingFault x, PendingFault y)
    {
        int order = x.Channel.Space.Index.CompareTo(y.Channel.Space.Index);
        order = order != 0 ? order : x.Page.CompareTo(y.Page);
        order = order != 0 ? order : y.Kind.CompareTo(x.Kind);
        return order != 0 ? order : x.Arrival.CompareTo(y.Arrival);
    }

    /// <summary>Sorts as a driver with defects does: by merging, which ends whatever a comparison says.</summary>
    public static void SortDefective(Span<PendingFault> faults, Span<PendingFault> scratch, DriverDefects defects)
    {
        if (faults.Length < 2)
        {
            return;
        }

        int half = faults.Length / 2;
        SortDefective(faults[..half], scratch, defects);
        SortDefective(faults[half..], scratch, defects);
        faults.CopyTo(scratch);
        (int left, int right) = (0, half);
        for (int i = 0; i < faults.Length; i++)
        {
            bool takeLeft = left < half && (right == faults.Length || CompareDefective(scratch[left], scratch[right], defects) <= 0);
            faults[i] = takeLeft ? scratch[left++] : scratch[right++];
        }
    }

    private static int CompareDefective(in PendingFault x, in PendingFault y, DriverDefects defects)
    {
        int order = x.Channel.Space.Index.CompareTo(y.Channel.Space.Index);
        if (order != 0)
        {
            return order;
        }

        long distance = (long)(x.Page - y.Page) << PageConstants.PageShift;
        order = defects.HasFlag(DriverDefects.TruncatedOrder) ? unchecked((int)distance) : Math.Sign(distance);
        if (order != 0)
        {
            return order;
        }

        order = x.Kind.CompareTo(y.Kind);
        order = defects.HasFlag(DriverDefects.WeakestFirst) ? order : -order;
        return order != 0 ? order : x.Arrival.CompareTo(y.Arrival);
    }
}
