using System;
using Hmm.Core.Addressing;

namespace Hmm.Core.Mirroring;

/// <summary>What <see cref="MirrorFault"/> needs of a driver: its lock, and the place where words go.</summary>
/// <remarks>The lock must be the one that the driver's invalidation callback takes (NTF rules of MmuNotifierSubscriptions). Called on the thread that
/// faults; a driver that several threads fault for at once is protected by its lock.</remarks>
public interface IMirrorDriver
{
    /// <summary>Takes the driver's lock.</summary>
    void EnterLock();

    /// <summary>Gives the driver's lock back.</summary>
    void ExitLock();

    /// <summary>Enters words into the device's page table. Called under the driver's lock, when they are known to be current.</summary>
    /// <param name="range">The range.</param>
    /// <param name="words">One word a page, in the driver's encoding.</param>
    /// <param name="obstacles">Why a page's word is not what was asked for, one element a page; empty if not asked for.</param>
    void Commit(VirtualRange range, ReadOnlySpan<ulong> words, ReadOnlySpan<PageObstacle> obstacles);
}
