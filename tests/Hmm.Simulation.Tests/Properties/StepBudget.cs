using System;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Core.Diagnostics;
using Hmm.Core.Faults;
using Hmm.Core.Migration;
using Hmm.Core.Notifiers;

namespace Hmm.Simulation.Tests.Properties;

/// <summary>Ends a command that goes on for ever: so many faults, notifications and refusals no honest command needs.</summary>
internal sealed class StepBudget : IMemoryObserver
{
    private const int StepsMax = 200_000;

    private int _steps;

    public void Renew() => _steps = 0;

    public void Invalidated(AddressSpace space, in MmuNotifierRange range, ulong sequence) => Spend();

    public void Faulted(AddressSpace space, VirtualAddress address, bool isWrite, bool isRemote, VmFaultResult result) => Spend();

    public void Migrated(AddressSpace? space, VirtualAddress address, Pfn source, Pfn target) => Spend();

    public void MigrationRefused(AddressSpace? space, VirtualAddress address, MigrateRefusal reason) => Spend();

    private void Spend()
    {
        if (++_steps > StepsMax)
        {
            throw new TimeoutException("The command does not come to an end.");
        }
    }
}
