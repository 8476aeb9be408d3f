using System;

namespace Hmm.Core.Mirroring;

/// <summary>The whole life of a device fault in one call: begin, fault, take the driver's lock, check, commit, or begin again.</summary>
/// <remarks>What every driver writes by hand around <see cref="HmmRangeFault"/>, without its traps: requests are never overwritten, the sequence is read anew for
/// each attempt, the budget renews on progress, and each page says why it failed. Thread-safe: several threads may fault for one driver at once, each with a
/// range of its own.</remarks>
public static class MirrorFault
{
    /// <summary>Faults a range in and commits it.</summary>
    /// <typeparam name="TEncoding">The words that the device wants.</typeparam>
    /// <typeparam name="TDriver">The driver; a struct costs no virtual call.</typeparam>
    /// <param name="range">The request. <see cref="HmmRange.NotifierSequence"/> and <see cref="HmmRange.PagesWalked"/> are set here. Exactly the pages that ask are faulted, unless
    /// <see cref="HmmRange.Profile"/> is <see cref="FaultProfile.Linux612"/>: then neighbours come along, and the first obstacle ends it.</param>
    /// <param name="driver">The driver.</param>
    /// <param name="budget">When to give up; asked after each attempt, so a wait for an invalidation that is in flight is not cut short.</param>
    /// <returns>How it ended. The driver's Commit has been called at most once.</returns>
    /// <remarks>
    /// <para><b>Locking.</b> The caller holds neither the address-space lock nor the driver's lock, and is not inside an invalidation.</para>
    /// <para><b>Cost.</b> As <see cref="HmmRangeFault.Run{TEncoding}"/> for each attempt; no managed allocation. Faults that replace pages collide with
    /// the walk, together once: without other invalidations there are at most two attempts, whatever the number of pages. Thread-safe.</para>
    /// <para><b>Exceptions</b> of the driver's methods leave at once, those of notifier callbacks when the walk has ended; neither lock is held then.</para>
    /// <para><b>Source.</b> The loop that Linux documents for users of hmm_range_fault.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">As <see cref="HmmRangeFault.Run{TEncoding}"/>, or requests and results are the same memory.</exception>
    /// <exception cref="ArgumentNullException">The driver is null.</exception>
    /// <exception cref="InvalidOperationException">The notifier is not inserted, or a callback of the address space runs on this thread.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public static MirrorOutcome Run<TEncoding, TDriver>(ref HmmRange range, ref TDriver driver, RetryBudget budget)
        where TEncoding : struct, IPfnEncoding
        where TDriver : IMirrorDriver
    {
        if (range.Notifier is null || range.Space is null)
        {
            throw new ArgumentException("The range needs an address space and a notifier.", nameof(range));
        }

        if (driver is null)
        {
            throw new ArgumentNullException(nameof(driver), "Without a driver there is no lock and nothing to commit to.");
        }

        if (range.Requests.Overlaps(range.Pfns))
        {
            throw new ArgumentException("Requests and results must not share memory: a collision would overwrite the requests.", nameof(range));
        }

        FaultProfile profile = range.Profile;
        range.Profile = profile == FaultProfile.Default ? FaultProfile.Exact : profile;
        try
        {
            return RunAttempts<TEncoding, TDriver>(ref range, ref driver, budget);
        }
        finally
        {
            range.Profile = profile;
        }
    }

    private static MirrorOutcome RunAttempts<TEncoding, TDriver>(ref HmmRange range, ref TDriver driver, RetryBudget budget)
        where TEncoding : struct, IPfnEncoding
        where TDriver : IMirrorDriver
    {
        int best = 0;
        int idle = 0;
        int attempts = 0;
        long since = budget.Now;
        while (true)
        {
            attempts++;
            range.NotifierSequence = range.Notifier.ReadBegin();
            HmmStatus status = Walk<TEncoding>(ref range);
            bool isFinal = status == HmmStatus.Invalid || (status != HmmStatus.Success && range.Profile == FaultProfile.Linux612);
            if (status != HmmStatus.Busy && (isFinal || TryCommit(ref range, ref driver)))
            {
                return new MirrorOutcome(status, attempts, !isFinal);
            }

            idle = range.PagesWalked > best ? 0 : idle + 1;
            since = range.PagesWalked > best ? budget.Now : since;
            best = Math.Max(best, range.PagesWalked);
            if (budget.IsSpent(idle, since))
            {
                return new MirrorOutcome(HmmStatus.Busy, attempts, false);
            }
        }
    }

    private static HmmStatus Walk<TEncoding>(ref HmmRange range)
        where TEncoding : struct, IPfnEncoding
    {
        range.Space.MmapLock.EnterRead();
        try
        {
            return HmmRangeFault.Run<TEncoding>(ref range);
        }
        finally
        {
            range.Space.MmapLock.ExitRead();
        }
    }

    private static bool TryCommit<TDriver>(ref HmmRange range, ref TDriver driver)
        where TDriver : IMirrorDriver
    {
        driver.EnterLock();
        try
        {
            if (range.Notifier.ReadRetry(range.NotifierSequence))
            {
                return false;
            }

            driver.Commit(range.Range, range.Pfns, range.Obstacles);
            return true;
        }
        finally
        {
            driver.ExitLock();
        }
    }
}
