using System.Collections.Generic;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Services;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Services;

/// <summary>Rules of drivers that show only at edges.</summary>
public sealed class DriverRuleTests
{
    private const ulong MiB = 1 << 20;
    private readonly byte[] _byte = [7];

    [Fact]
    public void WhatIsInSwapTheCpuDoesNotHave()
    {
        using SvmMachine machine = ServiceTests.Make("gpusvm");
        VirtualAddress start = machine.Map(2 * MiB);
        machine.Cpu.Write(start, new byte[2 * MiB]);
        machine.Process.Advise(VirtualRange.FromPages(start.AddPages(300), 1), MemoryAdvice.PageOut, out _);
        ServiceTests.Touch(machine, AccessKind.Write, start, 5);
        Assert.Equal(16, machine.System.Devices[0].ResidentPages);
    }

    [Fact]
    public void WhatTheProgramMovedLaterWasPopulatedLater()
    {
        using SvmMachine machine = ServiceTests.Make("uvm", deviceMiB: 4, prefetch: "granule");
        VirtualAddress start = machine.Map(8 * MiB);
        ServiceTests.Touch(machine, AccessKind.Write, start, 3 * 512);
        machine.System.Devices[0].Migrate(machine.Space, VirtualRange.FromPages(start, 512), toDevice: true);
        ServiceTests.Touch(machine, AccessKind.Write, start, 512);
        Assert.Equal(Agents.Cpu, machine.System.ResidenceOf(machine.Space, start.PageNumber + (3 * 512)));
        Assert.Equal(Agents.FirstDevice, machine.System.ResidenceOf(machine.Space, start.PageNumber));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public void ARefusedWriteMovesNothingUnlessSomebodyReads(bool reads, long resident)
    {
        using SvmMachine machine = ServiceTests.Make("uvm", prefetch: "none");
        VirtualAddress start = machine.Map(MiB);
        machine.Cpu.Write(start, _byte);
        machine.Process.Protect(VirtualRange.FromPages(start, 1), Protection.Read);
        machine.Devices[0].Announce(AccessKind.Write, VirtualRange.FromPages(start, 1));
        if (reads)
        {
            machine.Devices[0].Announce(AccessKind.Read, VirtualRange.FromPages(start, 1));
        }

        machine.Devices[0].Settle();
        Assert.Equal(1, machine.Finish("").Cancels);
        Assert.Equal(resident, machine.System.Devices[0].ResidentPages);
    }

    [Fact]
    public void OdpReadsAheadOnlyWhatIsNotMappedYet()
    {
        using SvmMachine machine = ServiceTests.Make("odp");
        VirtualAddress start = machine.Map(8 * MiB);
        ServiceTests.Touch(machine, AccessKind.Read, start, 100);
        Assert.Equal(1024, machine.System.ReadReport().PagesMapped);
        ServiceTests.Touch(machine, AccessKind.Read, start, 50);
        Assert.Equal(1074, machine.System.ReadReport().PagesMapped);
    }

    [Fact]
    public void AnotherProcessesFaultOnADevicePageCountsToo()
    {
        using SvmMachine machine = ServiceTests.Make("uvm");
        VirtualAddress start = machine.Map(MiB);
        ServiceTests.Touch(machine, AccessKind.Write, start, 0);
        Assert.Equal(HmmStatus.Success, machine.Process.Fork(out AddressSpace? child));
        child!.Read(start, _byte);
        Assert.Equal(1, machine.System.ReadReport().CpuFaults.Total);
        child.Exit();
    }

    [Fact]
    public void TheLeastRecentlyUsedBlockIsFoundAmongAllProcesses()
    {
        using SvmMachine machine = new(new ReplayOptions
        {
            Profile = DriverProfiles.Uvm with { Prefetch = "granule", Eviction = "lru" },
            Catalog = BuiltInPolicies.CreateCatalog(),
            DeviceMemoryBytes = 4 * MiB,
        });
        VirtualAddress start = machine.Map(2 * MiB);
        AddressSpace other = machine.System.Memory.CreateAddressSpace();
        other.MapAnonymous(VirtualRange.FromPages(start, 1024), Protection.Read | Protection.Write);
        SvmSpace space = machine.System.Attach(other);
        DeviceMemoryView view = new(machine.System.Devices[0], space);

        // Many walks of the first process, long ago; then one block of the second, and another that needs room.
        machine.Devices[0].Write(start, new byte[2 * MiB]);
        view.Write(start, _byte);
        view.Write(start.AddPages(512), _byte);
        Assert.Equal(Agents.Cpu, machine.System.ResidenceOf(machine.Space, start.PageNumber));
        Assert.Equal(Agents.FirstDevice, machine.System.ResidenceOf(space, start.PageNumber));
        machine.System.Devices[0].Open(space).Close();
        other.Exit();
    }

    [Fact]
    public void AStormIsAShareOfWhatABatchCanHave()
    {
        using SvmMachine machine = new(new ReplayOptions
        {
            Profile = DriverProfiles.Uvm with { Batch = "uvm:size=60" },
            Catalog = BuiltInPolicies.CreateCatalog(),
            DeviceMemoryBytes = 4 * MiB,
        });
        VirtualAddress hole = machine.Map(MiB).AddPages(512);
        machine.Devices[0].Announce(AccessKind.Prefetch, VirtualRange.FromPages(hole, 39));
        machine.Devices[0].Settle();
        Assert.True(machine.System.Devices[0].Gpu.ReportsPrefetches);
        machine.Devices[0].Announce(AccessKind.Prefetch, VirtualRange.FromPages(hole, 40));
        machine.Devices[0].Settle();
        Assert.False(machine.System.Devices[0].Gpu.ReportsPrefetches);
    }

    [Fact]
    public void AReplayPolicyIsAskedWhenACallEndsAndAReplayComesInAnyCase()
    {
        List<ReplayMoment> asked = [];
        foreach (bool replays in (bool[])[true, false])
        {
            PolicyCatalog catalog = BuiltInPolicies.CreateCatalog();
            catalog.Register<IReplayPolicy>("told", "of a test", _ => new ToldReplay(asked, replays));
            using SvmMachine machine = new(new ReplayOptions
            {
                Profile = DriverProfiles.Uvm with { Replay = "told" },
                Catalog = catalog,
                DeviceMemoryBytes = 4 * MiB,
            });
            ServiceTests.Touch(machine, AccessKind.Write, machine.Map(MiB), 0);
            Assert.Equal([ReplayMoment.AfterBlock, ReplayMoment.AfterBatch, ReplayMoment.AtEnd], asked);
            Assert.Equal(1, machine.Finish("").Replays);
            asked.Clear();
        }
    }

    private sealed class ToldReplay(List<ReplayMoment> asked, bool replays) : IReplayPolicy
    {
        public ReplayDecision Decide(in ReplayQuery query)
        {
            asked.Add(query.Moment);
            return new ReplayDecision(replays && query.Moment == ReplayMoment.AtEnd ? ReplayAction.Replay : ReplayAction.None, new Reason("told"));
        }
    }
}
