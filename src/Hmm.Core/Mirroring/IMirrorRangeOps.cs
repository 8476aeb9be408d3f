using Hmm.Core.Notifiers;

namespace Hmm.Core.Mirroring;

/// <summary>What a driver does when a range that it mirrors is about to change.</summary>
/// <remarks>
/// Thread-safety: must be callable from any thread, also from several threads at once for one range.
/// Source: the callback of <c>struct hmm_mirror_ops</c>, as proposed in 2019.
/// </remarks>
public interface IMirrorRangeOps
{
    /// <summary>
    /// Forgets addresses. The duty, in this order: take the driver's lock, the one under which <see cref="MirrorRange.IsValid"/> is
    /// asked; tear down the device's entries of the addresses; release the lock; return true.
    /// </summary>
    /// <param name="mirror">The range that the invalidation overlaps; it is not valid any more.</param>
    /// <param name="range">
    /// The invalidation; it may reach beyond the mirrored range at both ends. <see cref="MmuNotifierEvent.Release"/> if the address
    /// space has died: then it is the mirrored range, and the driver's last chance to forget all of it.
    /// </param>
    /// <returns>
    /// True when the device no longer uses the addresses. False only if <see cref="MmuNotifierRange.IsBlockable"/> is false and the
    /// callback would have to wait; nothing may have been torn down half-way then.
    /// </returns>
    /// <remarks>
    /// <para><b>Locking.</b> Called without any lock of the notifiers or of the range, with whatever locks the invalidating thread holds:
    /// also by the thread that calls <see cref="MirrorRange.Fault{TEncoding}"/>, whose fault may replace a page. It must not wait for
    /// validity, walk, make or dispose a range of the same address space.</para>
    /// <para><b>Exceptions.</b> It should not throw; that counts as a refusal. What becomes of the exception is written at
    /// <see cref="IMmuIntervalNotifierOps.Invalidate"/>.</para>
    /// </remarks>
    bool Invalidate(MirrorRange mirror, in MmuNotifierRange range);
}
