using System;
using System.Threading;
using Hmm.Core.Addressing;
using Hmm.Core.Locking;

namespace Hmm.Core.Mirroring;

// Looking at the page tables.
public sealed partial class MirrorRange
{
    /// <summary>No number of changes is ever this.</summary>
    private const ulong NoWalk = ulong.MaxValue;

    /// <summary>Writes what the CPU's page table holds, faulting nothing.</summary>
    /// <typeparam name="TEncoding">The words that the device wants.</typeparam>
    /// <param name="words">One word a page of the range; overwritten.</param>
    /// <returns>
    /// <see cref="HmmStatus.Success"/>: all words may be used, under the driver's lock and while <see cref="IsValid"/>;
    /// <see cref="HmmStatus.Again"/>: an invalidation of the range is in flight, or collided; <see cref="HmmStatus.Invalid"/>: the address
    /// space has died. Unless successful, no word may be used.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="words"/> has another length than the range has pages.</exception>
    /// <exception cref="ObjectDisposedException">The range is disposed.</exception>
    /// <exception cref="InvalidOperationException">A callback of the address space runs on this thread.</exception>
    /// <remarks>
    /// <b>Locking.</b> Takes the address-space lock for reading, and waits for its writers; the caller must not hold it, nor the driver's
    /// lock. <b>Cost.</b> O(pages); no managed allocation. <b>Source.</b> Linux 5.2, <c>hmm_range_snapshot()</c>.
    /// </remarks>
    public HmmStatus Snapshot<TEncoding>(Span<ulong> words)
        where TEncoding : struct, IPfnEncoding
    {
        PrepareWalk(words.Length, 0, 0);
        HmmStatus status = TryBegin(mayWait: false, out ulong changes);
        if (status != HmmStatus.Success)
        {
            return status;
        }

        Space.MmapLock.EnterRead();
        try
        {
            status = Walk<TEncoding>(default, words, changes);
        }
        finally
        {
            Space.MmapLock.ExitRead();
        }

        if (status == HmmStatus.Success)
        {
            Volatile.Write(ref _walked, changes);
        }

        return status == HmmStatus.Busy ? HmmStatus.Again : status;
    }

    /// <summary>Faults in what the request asks for, and exactly that, and writes what the CPU's page table then holds.</summary>
    /// <typeparam name="TEncoding">The words that the device wants, and that the request is written in.</typeparam>
    /// <param name="request">What is asked for; never written.</param>
    /// <param name="words">One word a page of the range; overwritten. Must not be the same memory as the requests.</param>
    /// <param name="block">Whether to wait for invalidations and for writers of the address-space lock, and to begin again after
    /// collisions.</param>
    /// <param name="usablePages">
    /// How many pages from the start are as asked for: their words may be used under the driver's lock and while <see cref="IsValid"/>.
    /// All of them at success; those before the first obstacle if a page cannot be had; else 0.
    /// </param>
    /// <returns>
    /// <see cref="HmmStatus.Success"/>; <see cref="HmmStatus.Again"/> (only without <paramref name="block"/>): it would have had to
    /// wait or to begin
    /// again; <see cref="HmmStatus.Invalid"/>: the address space has died; what keeps the first page from being had that cannot:
    /// <see cref="HmmStatus.NotPermitted"/>, <see cref="HmmStatus.Fault"/>, <see cref="HmmStatus.Poisoned"/>,
    /// <see cref="HmmStatus.NoMemory"/>.
    /// </returns>
    /// <exception cref="ArgumentException">A span has another length than the range has pages, or requests and words share
    /// memory.</exception>
    /// <exception cref="ObjectDisposedException">The range is disposed, or was while this call waited.</exception>
    /// <exception cref="InvalidOperationException">A callback of the address space runs on this thread.</exception>
    /// <remarks>
    /// <para>With <paramref name="block"/> it goes on until it has succeeded or cannot; for a bound, wait with
    /// <see cref="WaitUntilValid"/> and fault
    /// without. Faults that replace pages collide with the walk, together once: without <paramref name="block"/>, expect one
    /// <see cref="HmmStatus.Again"/> for all of them. Either way the walker may wait for single pages that are being migrated.</para>
    /// <para><b>Locking.</b> Takes the address-space lock for reading, and does not hold it while it waits for invalidations; the
    /// caller must not hold
    /// it, nor the driver's lock: the callback may run on this thread.</para>
    /// <para><b>Cost.</b> O(pages), times log(pages) to find the first obstacle if <see cref="MirrorRequest.Obstacles"/> is empty;
    /// no managed
    /// allocation. <b>Source.</b> Linux 5.2, <c>hmm_range_fault()</c>, without its two meanings of EAGAIN.</para>
    /// </remarks>
    public HmmStatus Fault<TEncoding>(in MirrorRequest request, Span<ulong> words, bool block, out int usablePages)
        where TEncoding : struct, IPfnEncoding
    {
        usablePages = 0;
        PrepareWalk(words.Length, request.Requests.Length, request.Obstacles.Length);
        if (request.Requests.Overlaps(words))
        {
            throw new ArgumentException("Requests and results must not share memory: a collision would overwrite the requests.", nameof(words));
        }

        while (true)
        {
            HmmStatus status = TryBegin(block, out ulong changes);
            if (status != HmmStatus.Success)
            {
                return status;
            }

            if (block)
            {
                Space.MmapLock.EnterRead();
            }
            else if (!Space.MmapLock.TryEnterRead())
            {
                return HmmStatus.Again;
            }

            try
            {
                status = FaultPrefix<TEncoding>(in request, words, changes, out usablePages);
            }
            finally
            {
                Space.MmapLock.ExitRead();
            }

            if (status != HmmStatus.Busy)
            {
                Volatile.Write(ref _walked, usablePages > 0 ? changes : NoWalk);
                return status;
            }

            if (!block)
            {
                return HmmStatus.Again;
            }
        }
    }

    private void PrepareWalk(int words, int requests, int obstacles)
    {
        ThrowIfDisposed();
        RefuseToWaitHere("walked");
        ulong pages = Range.PageCount;
        if ((ulong)words != pages || (requests != 0 && (ulong)requests != pages) || (obstacles != 0 && (ulong)obstacles != pages))
        {
            throw new ArgumentException($"Each span needs one element for each of the {pages} pages of the range.");
        }

        Volatile.Write(ref _walked, NoWalk);
    }

    /// <summary>Takes the number of changes at a moment when nothing is in flight; Again, Invalid.</summary>
    private HmmStatus TryBegin(bool mayWait, out ulong changes)
    {
        using (new MonitorHold(_gate, LockRank.MirrorRange))
        {
            while (mayWait && _inFlight != 0 && !_isDead && !_isDisposed)
            {
                Wait(Timeout.InfiniteTimeSpan);
            }

            ThrowIfDisposed();
            changes = _changes;
            return _isDead ? HmmStatus.Invalid : _inFlight != 0 ? HmmStatus.Again : HmmStatus.Success;
        }
    }

    private HmmStatus FaultPrefix<TEncoding>(in MirrorRequest request, Span<ulong> words, ulong changes, out int usablePages)
        where TEncoding : struct, IPfnEncoding
    {
        HmmStatus status = Walk<TEncoding>(in request, words, changes);
        usablePages = status == HmmStatus.Success ? words.Length : 0;
        if (status is HmmStatus.Success or HmmStatus.Busy or HmmStatus.Invalid)
        {
            return status;
        }

        if (!request.Obstacles.IsEmpty)
        {
            if (HasChangedSince(changes))
            {
                return HmmStatus.Busy;
            }

            while (request.Obstacles[usablePages] == PageObstacle.None)
            {
                usablePages++;
            }

            return status;
        }

        // The walker says that a page cannot be had, not which. What can be had is there now, so walking again is cheap.
        int good = 0;
        int bad = words.Length;
        while (bad - good > 1)
        {
            int middle = good + ((bad - good) / 2);
            HmmStatus part = Walk<TEncoding>(in request, words[..middle], changes);
            if (part is HmmStatus.Busy or HmmStatus.Invalid)
            {
                return part;
            }

            (good, bad) = part == HmmStatus.Success ? (middle, bad) : (good, middle);
        }

        if (HasChangedSince(changes))
        {
            return HmmStatus.Busy;
        }

        usablePages = good;
        return status;
    }

    private HmmStatus Walk<TEncoding>(in MirrorRequest request, Span<ulong> words, ulong changes)
        where TEncoding : struct, IPfnEncoding
    {
        int pages = words.Length;
        HmmRange range = new()
        {
            Space = Space,
            Mirror = this,
            NotifierSequence = changes,
            Range = VirtualRange.FromPages(Range.Start, (ulong)pages),
            Pfns = words,
            Requests = request.Requests.IsEmpty ? default : request.Requests[..pages],
            DefaultFlags = request.DefaultFlags,
            PfnFlagsMask = request.PfnFlagsMask,
            Profile = FaultProfile.Exact,
            Obstacles = request.Obstacles.IsEmpty ? default : request.Obstacles[..pages],
            DevicePrivateOwner = DevicePrivateOwner,
        };
        HmmStatus status = HmmRangeFault.Run<TEncoding>(ref range);
        return status == HmmStatus.Success && HasChangedSince(changes) ? HmmStatus.Busy : status;
    }
}
