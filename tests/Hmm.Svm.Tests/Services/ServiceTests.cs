using System;
using System.Linq;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Services;
using Hmm.Svm.Tests.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Services;

public class ServiceTests
{
    private const ulong MiB = 1 << 20;
    private readonly byte[] _byte = [7];

    [Fact]
    public void NouveauOfOldMapsTheGapsOfItsWindowIfTheyArePresent()
    {
        using SvmMachine machine = Make("nouveau-window");
        VirtualAddress start = machine.Map(MiB);
        machine.Cpu.Write(start.AddPages(1), _byte);
        Touch(machine, AccessKind.Write, start, 0, 2, 15, 16);
        Assert.Equal([true, true, true, false, true, true], Mapped(machine, start, 0, 1, 2, 3, 15, 16));
        // The window begins at the fault: page 16 opens another.
        Assert.Equal(2, machine.Finish("").Windows);
    }

    [Fact]
    public void NouveauOfTodayMapsOnePageAndLargeWhereTheCpuMapsLarge()
    {
        using SvmMachine machine = Make("nouveau-page");
        VirtualAddress start = machine.Map(4 * MiB);
        machine.Process.Advise(VirtualRange.FromPages(start, 512), MemoryAdvice.HugePage, out _);
        machine.Cpu.Write(start, _byte);
        Touch(machine, AccessKind.Write, start, 3, 600, 602);
        Assert.Equal(9, EntryAt(machine, start, 500).LeafOrder);
        Assert.Equal([true, false, true], Mapped(machine, start, 600, 601, 602));
        machine.Process.Unmap(VirtualRange.FromPages(start.AddPages(100), 1));
        Assert.Equal([], machine.Check());
    }

    [Fact]
    public void NouveauTakesPagesExclusivelyForAtomicsUntilTheCpuTouchesThem()
    {
        using SvmMachine machine = Make("nouveau-page");
        VirtualAddress start = machine.Map(MiB);
        Assert.Equal(HmmStatus.Success, machine.Devices[0].Atomic(start, AtomicOperation.Add, 5, out _));
        Assert.True(EntryAt(machine, start, 0).IsAtomic);
        Assert.Equal([], machine.Check());
        machine.Cpu.Read(start, _byte);
        Assert.Equal(5, _byte[0]);
        Assert.False(EntryAt(machine, start, 0).IsValid);
    }

    [Fact]
    public void NouveauRefusesWhatItKeepsForItself()
    {
        using SvmMachine machine = Make("nouveau-window");
        VirtualAddress start = machine.Map(MiB);
        machine.System.Devices[0].Open(machine.Space).Unmanaged = VirtualRange.FromPages(start.AddPages(4), 4);
        Assert.Equal(HmmStatus.Fault, machine.Devices[0].Write(start.AddPages(5), _byte));
        Touch(machine, AccessKind.Write, start, 2, 3, 9);
        Assert.Equal([true, false, true], Mapped(machine, start, 3, 4, 9));
    }

    [Fact]
    public void NouveauMovesPagesOnlyWhenTheProgramAsks()
    {
        using SvmMachine machine = Make("nouveau-page");
        VirtualAddress start = machine.Map(MiB);
        machine.Cpu.Write(start, _byte);
        Touch(machine, AccessKind.Write, start, 0);
        Assert.Equal(0, machine.System.Devices[0].ResidentPages);
        Assert.Equal(4, machine.System.Devices[0].Migrate(machine.Space, VirtualRange.FromPages(start, 4), toDevice: true));
        Touch(machine, AccessKind.Write, start, 0);
        Assert.True(EntryAt(machine, start, 0).IsOwnMemory);
        Assert.Equal(4, machine.System.Devices[0].Migrate(machine.Space, VirtualRange.FromPages(start, 4), toDevice: false));
        machine.Cpu.Read(start, _byte);
        Assert.Equal(7, _byte[0]);
    }

    [Theory]
    [InlineData("uvm", 1)]
    [InlineData("gpusvm", 1)]
    [InlineData("nouveau-page", 2)]
    public void AReadOfAReadOnlyPageGoesOnThoughAWriteIsRefusedUnlessTheDriverCancelsGroups(string profile, int cancels)
    {
        using SvmMachine machine = Make(profile);
        VirtualAddress start = machine.Map(MiB);
        machine.Cpu.Write(start, _byte);
        machine.Process.Protect(VirtualRange.FromPages(start, 1), Protection.Read);
        IAgentMemory device = machine.Devices[0];
        device.Announce(AccessKind.Write, VirtualRange.FromPages(start, 1));
        device.Announce(AccessKind.Read, VirtualRange.FromPages(start, 1));
        device.Settle();
        Assert.Equal(cancels, machine.Finish("").Cancels);
        Assert.Equal(HmmStatus.Fault, device.Write(start, _byte));
        Assert.Equal(HmmStatus.Success, device.Read(start, _byte));
    }

    [Fact]
    public void TwoProcessesOnOneDeviceDoNotSeeEachOther()
    {
        using SvmMachine machine = Make("uvm");
        VirtualAddress start = machine.Map(MiB);
        AddressSpace other = machine.System.Memory.CreateAddressSpace();
        other.MapAnonymous(VirtualRange.FromPages(start, 256), Protection.Read | Protection.Write);
        SvmSpace space = machine.System.Attach(other);
        DeviceMemoryView view = new(machine.System.Devices[0], space);
        Assert.Equal(HmmStatus.Success, machine.Devices[0].Write(start, _byte));
        Assert.Equal(HmmStatus.Success, view.Write(start, new byte[] { 9 }));
        machine.Devices[0].Read(start, _byte);
        Assert.Equal(7, _byte[0]);
        other.Exit();
        Assert.Equal(HmmStatus.Fault, view.Read(start, _byte));
        machine.System.Devices[0].Open(space).Close();
    }

    [Fact]
    public void TwoDevicesHandAPageToEachOther()
    {
        using SvmMachine machine = Make("uvm", devices: 2);
        VirtualAddress start = machine.Map(MiB);
        for (byte i = 0; i < 20; i++)
        {
            Assert.Equal(HmmStatus.Success, machine.Devices[i % 2].Write(start, [i]));
            Assert.Equal(HmmStatus.Success, machine.Devices[(i + 1) % 2].Read(start, _byte));
            Assert.Equal(i, _byte[0]);
            Assert.Equal([], machine.Check());
        }
    }

    [Fact]
    public void WhatWasFilledLeastRecentlyLeavesFirst()
    {
        using SvmMachine machine = Make("uvm", deviceMiB: 4, prefetch: "granule");
        VirtualAddress start = machine.Map(6 * MiB);
        SvmDevice device = machine.System.Devices[0];
        foreach (int block in (int[])[0, 1, 0, 2])
        {
            Touch(machine, AccessKind.Write, start, block * 512);
        }

        // Touching block 0 again did not fill it again, so it is the oldest.
        Assert.Equal(Agents.Cpu, machine.System.ResidenceOf(machine.Space, start.PageNumber));
        Assert.Equal(device.Agent, machine.System.ResidenceOf(machine.Space, start.PageNumber + 512));
        Assert.Equal(1, machine.Finish("").Evictions);
    }

    [Fact]
    public void AStormOfInvalidPrefetchesTurnsThemOff()
    {
        using SvmMachine machine = Make("uvm");
        VirtualAddress hole = machine.Map(MiB).AddPages(512);
        machine.Devices[0].Announce(AccessKind.Prefetch, VirtualRange.FromPages(hole, 400));
        machine.Devices[0].Settle();
        Assert.False(machine.System.Devices[0].Gpu.ReportsPrefetches);
        ReplayReport report = machine.Finish("");
        // The rest of the storm was in the buffer when it was emptied before the replay.
        Assert.Equal((0, 256), (report.Cancels, report.InvalidPrefetches));
    }

    [Fact]
    public void AChunkIsHugeOnlyWhereTheCpuHasEveryPage()
    {
        using SvmMachine machine = Make("gpusvm");
        VirtualAddress start = machine.Map(4 * MiB);
        machine.Cpu.Write(start, new byte[2 * MiB]);
        Touch(machine, AccessKind.Write, start, 5, 600);
        Assert.Equal(9, EntryAt(machine, start, 5).LeafOrder);
        Assert.Equal((4, false), (EntryAt(machine, start, 600).LeafOrder, EntryAt(machine, start, 640).IsValid));
    }

    [Theory]
    [MemberData(nameof(ReplayerTests.ProfileNames), MemberType = typeof(ReplayerTests))]
    public void ServingFaultsOfPagesThatWereServedBeforeAllocatesNothing(string profile)
    {
        using SvmMachine machine = Make(profile, thrash: "none");
        VirtualAddress start = machine.Map(4 * MiB);
        long allocated = 0;
        for (int round = 0; round < 6; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            machine.Devices[0].Announce(AccessKind.Write, VirtualRange.FromPages(start, 1024));
            machine.Devices[0].Settle();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            for (int page = 0; page < 1024; page++)
            {
                machine.Cpu.Write(start.AddPages(page), _byte);
            }

            // What stayed in system memory leaves the device's page table as well.
            machine.Process.Protect(VirtualRange.FromPages(start, 1024), Protection.Read);
            machine.Process.Protect(VirtualRange.FromPages(start, 1024), Protection.Read | Protection.Write);
        }

        Assert.Equal(0, allocated);
    }

    internal static SvmMachine Make(
        string profile, int deviceMiB = 64, int devices = 1, string? prefetch = null, string? thrash = null, DriverDefects defects = DriverDefects.None,
        int attemptsMax = 1000)
    {
        DriverProfile driver = DriverProfiles.Find(profile);
        return new SvmMachine(new ReplayOptions
        {
            Profile = driver with { Prefetch = prefetch ?? driver.Prefetch, Thrash = thrash ?? driver.Thrash, Defects = defects, AttemptsMax = attemptsMax },
            Catalog = BuiltInPolicies.CreateCatalog(),
            DeviceMemoryBytes = (ulong)deviceMiB * MiB,
            Devices = devices,
        });
    }

    internal static void Touch(SvmMachine machine, AccessKind kind, VirtualAddress start, params int[] pages)
    {
        foreach (int page in pages)
        {
            machine.Devices[0].Announce(kind, VirtualRange.FromPages(start.AddPages(page), 1));
        }

        machine.Devices[0].Settle();
    }

    internal static GpuEntry EntryAt(SvmMachine machine, VirtualAddress start, int page) =>
        machine.System.Devices[0].Open(machine.Space).Gpu.PageTable.Find(start.PageNumber + (ulong)page);

    private static bool[] Mapped(SvmMachine machine, VirtualAddress start, params int[] pages) =>
        [.. pages.Select(page => EntryAt(machine, start, page).IsValid)];
}
