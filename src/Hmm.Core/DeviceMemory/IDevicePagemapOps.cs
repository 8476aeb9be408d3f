using Hmm.Core.Addressing;
using Hmm.Core.Faults;

namespace Hmm.Core.DeviceMemory;

/// <summary>What the owner of device memory does when the engine asks.</summary>
/// <remarks>Calls come from any thread. Source: the kernel's dev_pagemap_ops.</remarks>
public interface IDevicePagemapOps
{
    /// <summary>A CPU touched a page of this memory: bring it back to system memory.</summary>
    /// <param name="fault">The mapping, the address and the device page; the address-space lock is held for reading.</param>
    /// <returns><see cref="VmFaultResult.None"/>: the access is tried again, whether the page moved or not;
    /// <see cref="VmFaultResult.SigBus"/>: it cannot come back; <see cref="VmFaultResult.OutOfMemory"/>: no frame for it.</returns>
    /// <remarks>Make the <c>MigrateVma</c> from the fault, so that the fault's own reference is tolerated; or set its <c>FaultPage</c>.</remarks>
    VmFaultResult MigrateToRam(in DeviceFault fault);

    /// <summary>The last reference of a page is gone; the owner may use it again.</summary>
    /// <param name="page">The device page.</param>
    void PageFree(Pfn page);
}
