namespace Hmm.Core.Notifiers;

/// <summary>What a driver does when addresses that it mirrors are about to change.</summary>
/// <remarks>
/// Thread-safety: must be callable from any thread, also from several threads at once for one subscription.
/// Source: Linux <c>struct mmu_interval_notifier_ops</c>.
/// </remarks>
public interface IMmuIntervalNotifierOps
{
    /// <summary>
    /// Forgets the range. The duty, in this order: take the driver's lock; call <see cref="MmuIntervalNotifier.SetSequence"/> with
    /// <paramref name="sequence"/>; tear down the device's entries in the range; release the lock; return true.
    /// </summary>
    /// <param name="subscription">The subscription that overlaps the range.</param>
    /// <param name="range">The invalidation; it may reach beyond the subscription at both ends.</param>
    /// <param name="sequence">The number to store; odd.</param>
    /// <returns>
    /// True when the device no longer uses the range. False only if <see cref="MmuNotifierRange.IsBlockable"/> is false and the
    /// callback would have to wait; nothing may have been torn down half-way then.
    /// </returns>
    /// <remarks>
    /// <para><b>Locking.</b> Called without any lock of the notifiers (NTF-09), with whatever locks the invalidating thread holds.
    /// It must not call <see cref="MmuIntervalNotifier.ReadBegin"/> or <see cref="MmuIntervalNotifier.Remove"/> on a subscription
    /// of the same address space, and must not start a walk of it.</para>
    /// <para><b>Ignoring.</b> A driver that deliberately ignores an event (for instance one of its own migration) returns true
    /// without calling <see cref="MmuIntervalNotifier.SetSequence"/>; its readers then see nothing.</para>
    /// <para><b>Exceptions.</b> It should not throw. If it does, that counts as a refusal; where none is allowed, everybody else is told all
    /// the same. A change that an <c>AddressSpace</c> makes is carried out nevertheless, for it cannot stop half-way, and the first exception leaves
    /// the call that made it when all locks have been released: the device must not use what it had of the range. From
    /// <see cref="MmuNotifierSubscriptions.InvalidateRangeStart"/> the exception leaves with the invalidation ended, and its caller must not
    /// change the entries.</para>
    /// </remarks>
    bool Invalidate(MmuIntervalNotifier subscription, in MmuNotifierRange range, ulong sequence);
}
