namespace Hmm.Core.Notifiers;

/// <summary>What a subscriber does that is told of every invalidation of an address space, of its start and of its end.</summary>
/// <remarks>
/// <para><b>Thread-safety.</b> Must be callable from any thread, also from several threads at once. Several invalidations can be in
/// flight at once, also of the same addresses: count them.</para>
/// <para><b>Locking.</b> Called without any lock of the notifiers (NTF-09), with whatever locks the invalidating thread holds. A
/// callback must not register, unregister or begin to read a subscription of the same address space, and must not start a walk of
/// it.</para>
/// <para><b>Source.</b> Linux <c>struct mmu_notifier_ops</c>, reduced to the changes of mappings: nothing asks for accessed bits.</para>
/// </remarks>
public interface IMmuNotifierOps
{
    /// <summary>A range is about to change. When it returns true, nothing may use the range any more until the matching end.</summary>
    /// <param name="range">The invalidation, wherever in the address space it is.</param>
    /// <returns>
    /// True. False only if <see cref="MmuNotifierRange.IsBlockable"/> is false and the callback would have to wait; nothing may have
    /// been torn down half-way then, and no end follows (NTF-13).
    /// </returns>
    /// <remarks>It should not throw. If it does, that counts as a refusal: of a blockable one the end comes nevertheless. Where the exception leaves
    /// is written at <see cref="IMmuIntervalNotifierOps.Invalidate"/>.</remarks>
    bool InvalidateRangeStart(in MmuNotifierRange range);

    /// <summary>A range has changed. Comes once for each start that was not refused, after it, from any thread (NTF-13).</summary>
    /// <param name="range">The invalidation; its values are those of the start.</param>
    /// <remarks>Must not throw. If it does, the other subscribers are told all the same, then the exception leaves the end, or the call on the address
    /// space that the end belongs to.</remarks>
    void InvalidateRangeEnd(in MmuNotifierRange range);

    /// <summary>The address space ends: forget all of it. Comes at most once; starts and ends of the unmapping follow.</summary>
    void Release();
}
