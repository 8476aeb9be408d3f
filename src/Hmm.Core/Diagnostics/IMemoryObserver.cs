using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Core.Notifiers;

namespace Hmm.Core.Diagnostics;

/// <summary>Is told what happens inside the engine, as it happens: for teaching, debugging and tracing.</summary>
/// <remarks>
/// Calls come from the threads that act, some of them under locks: take notes, do not call back into the engine. Only
/// <see cref="AddressSpace.ReadEntry"/>, which takes no lock, may be called.
/// </remarks>
public interface IMemoryObserver
{
    /// <summary>An invalidation began.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="range">What is announced.</param>
    /// <param name="sequence">The notifier sequence after the beginning.</param>
    void Invalidated(AddressSpace space, in MmuNotifierRange range, ulong sequence);

    /// <summary>A page fault is about to be handled; whatever is told until the matching <see cref="Faulted"/> is part of it.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="address">First address of the page.</param>
    /// <param name="isWrite">Whether for writing.</param>
    /// <param name="isRemote">Whether for a device or a pin and not for the CPU.</param>
    void Faulting(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote);

    /// <summary>A page fault was handled.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="address">First address of the page.</param>
    /// <param name="isWrite">Whether for writing.</param>
    /// <param name="isRemote">Whether for a device or a pin and not for the CPU.</param>
    /// <param name="result">How it ended.</param>
    void Faulted(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote, VmFaultResult result);

    /// <summary>A page moved.</summary>
    /// <param name="space">The address space that was asked; null for an eviction by frame.</param>
    /// <param name="address">Where; of no meaning without an address space.</param>
    /// <param name="source">The frame it left; none if a hole was populated.</param>
    /// <param name="target">The frame it is in.</param>
    void Migrated(AddressSpace? space, VirtualAddress address, Pfn source, Pfn target);

    /// <summary>A page did not move.</summary>
    /// <param name="space">The address space that was asked; null for an eviction by frame.</param>
    /// <param name="address">Where; of no meaning without an address space.</param>
    /// <param name="page">The page, if the migration had collected it already; otherwise none.</param>
    /// <param name="reason">Why.</param>
    void MigrationRefused(AddressSpace? space, VirtualAddress address, Pfn page, MigrateRefusal reason);

    /// <summary>A device did not get exclusive access to a page.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="address">Where.</param>
    /// <param name="reason">Why.</param>
    void ExclusiveRefused(AddressSpace space, VirtualAddress address, ExclusiveRefusal reason);
}
