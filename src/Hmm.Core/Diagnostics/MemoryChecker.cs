using System;
using System.Collections.Generic;
using Hmm.Core.AddressSpaces;

namespace Hmm.Core.Diagnostics;

/// <summary>Checks the engine's numbered invariants on its whole state: frames, page tables, swap, reverse mapping, counters.</summary>
/// <remarks>Not thread-safe: nobody may use the engine during a check, and no migration may be under way. Costs a walk over all tables and frame records; it allocates.
/// A driver that holds a page beyond a call, by an exclusive request or a taken device page, shows as a reference too many.</remarks>
public static class MemoryChecker
{
    /// <summary>Checks everything.</summary>
    /// <param name="system">The engine.</param>
    /// <param name="spaces">All its address spaces; those that have exited may be among them.</param>
    /// <param name="violations">Where violations are added.</param>
    public static void Check(MemorySystem system, IReadOnlyList<AddressSpace> spaces, ICollection<InvariantViolation> violations)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(spaces);
        ArgumentNullException.ThrowIfNull(violations);
        system.ThrowIfDisposed();
        Run(new MemoryCensus(system, spaces, violations));
    }

    /// <summary>Checks everything, and that nothing is left of the processes; all must have exited, and all pins be undone.</summary>
    /// <param name="system">The engine.</param>
    /// <param name="violations">Where violations are added.</param>
    public static void CheckNothingLeft(MemorySystem system, ICollection<InvariantViolation> violations)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(violations);
        system.ThrowIfDisposed();
        MemoryCensus census = new(system, [], violations);
        Run(census);
        LeakChecker.Check(census);
    }

    private static void Run(MemoryCensus census)
    {
        MappingChecker.Check(census);
        FreeFrameChecker.Check(census);
        RmapChecker.CheckRoots(census);
        AccountChecker.Check(census);
        SwapChecker.Check(census);
    }
}
