using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.DeviceMemory;
using Hmm.Core.Diagnostics;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Core.Notifiers;

namespace Hmm.Simulation.Tests.Mirroring;

/// <summary>Counts page faults.</summary>
internal sealed class FaultCounter : IMemoryObserver
{
    public int Faults { get; private set; }

    public void Faulting(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote) => Faults++;

    public void Faulted(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote, VmFaultResult result)
    {
    }

    public void Invalidated(AddressSpace space, in MmuNotifierRange range, ulong sequence)
    {
    }

    public void Migrated(AddressSpace? space, VirtualAddress address, Pfn source, Pfn target)
    {
    }

    public void MigrationRefused(AddressSpace? space, VirtualAddress address, Pfn page, MigrateRefusal reason)
    {
    }

    public void ExclusiveRefused(AddressSpace space, VirtualAddress address, ExclusiveRefusal reason)
    {
    }
}
