using System;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Mirroring;

/// <summary>Snapshots the CPU's page table for a device and, where asked, faults pages in (the kernel's hmm_range_fault).</summary>
/// <remarks>Thread-safe: any number of threads may walk one address space at once, each with a range of its own.</remarks>
public static class HmmRangeFault
{
    /// <summary>Fills <see cref="HmmRange.Pfns"/> for the range.</summary>
    /// <typeparam name="TEncoding">The words that the device wants.</typeparam>
    /// <param name="range">The request; its results are overwritten.</param>
    /// <returns>
    /// Success; Invalid (empty or misaligned range, or the address space has died); Busy (the notifier's sequence changed, at entry or before a
    /// re-walk: nothing in the results may be used); NotPermitted (a write was asked for and the mapping does not allow it); Fault (a fault
    /// was asked for on a hole, an unreadable mapping, poison, or where nothing can be had). With <see cref="FaultProfile.Exact"/> the status is that of
    /// the first page that cannot be had, and may also be Poisoned or NoMemory; all words are results nevertheless.
    /// </returns>
    /// <exception cref="ArgumentException">A span's length differs from the range's page count, or the address space or the notifier is
    /// missing, or the notifier is inserted into another address space, or the encoding's format contradicts itself.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    /// <remarks>
    /// <para><b>Locking.</b> The caller holds the address-space lock for reading. A result may be used only under the driver's lock and after
    /// <c>ReadRetry</c> returned false.</para>
    /// <para><b>Side effects.</b> What a failed call faulted in before the obstacle stays. A page that needs a fault is faulted together with all
    /// that follow in the same piece, as Linux 6.12 does. With <see cref="FaultProfile.Exact"/> a collision does not keep the pages behind it from
    /// being faulted in, so that the next call finds them.</para>
    /// <para><b>Exceptions of callbacks</b> leave at the end; the results are not to be used then.</para>
    /// <para><b>Cost.</b> O(pages); no managed allocation. Thread-safe. Source: hmm_range_fault of Linux 6.12.</para>
    /// </remarks>
    public static HmmStatus Run<TEncoding>(ref HmmRange range)
        where TEncoding : struct, IPfnEncoding
    {
        if (range.Space is null || (range.Notifier is null && range.Mirror is null))
        {
            throw new ArgumentException("The range needs an address space and a notifier.", nameof(range));
        }

        if (range.Notifier?.Subscriptions is { } subscriptions && subscriptions != range.Space.Notifiers)
        {
            throw new ArgumentException("The notifier is inserted into another address space, so it would not hear of changes to this one.", nameof(range));
        }

        range.Space.Engine.ThrowIfDisposed();
        if (range.Range.IsEmpty || !range.Range.Start.IsPageAligned || !range.Range.End.IsPageAligned || range.Space.IsDead)
        {
            return HmmStatus.Invalid;
        }

        ulong pages = range.Range.PageCount;
        if ((ulong)range.Pfns.Length != pages || (!range.Requests.IsEmpty && (ulong)range.Requests.Length != pages)
            || (!range.Obstacles.IsEmpty && (ulong)range.Obstacles.Length != pages))
        {
            throw new ArgumentException(
                "The range needs one result word for each page, and one request word and one obstacle for each page or none at all.", nameof(range));
        }

        TEncoding.Check<TEncoding>();
        RangeWalk<TEncoding> walk = new(ref range);
        try
        {
            // A fault that replaces a page collides with the walk itself. Linux faults all pages of the piece before it looks for collisions, and
            // ends there. The exact walk looks after each page: ending there would cost, for each page, a walk over all before it. So it first
            // brings in all that was asked for, and collides once.
            bool endsAtCollision = range.Profile != FaultProfile.Exact;
            bool hasCollided = range.MustRetry;
            HmmStatus status = hasCollided ? HmmStatus.Busy : HmmStatus.Again;
            while (status == HmmStatus.Again && !(hasCollided && (endsAtCollision || range.Space.IsDead)))
            {
                status = walk.Go();
                hasCollided |= status == HmmStatus.Again && range.MustRetry;
            }

            status = hasCollided ? HmmStatus.Busy : status;
            bool hasEnded = status == HmmStatus.Success || (range.Profile == FaultProfile.Exact && !hasCollided);
            range.PagesWalked = hasEnded ? (int)pages : walk.PagesWalked;
            return status;
        }
        finally
        {
            CallbackFailures.Leave();
        }
    }
}
