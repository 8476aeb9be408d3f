using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Replay;

public class ReplayerTests
{
    private const ulong First = 1 << 20;
    private const ulong MiB = 1 << 20;

    public static TheoryData<string> ProfileNames => [.. DriverProfiles.All.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(ProfileNames))]
    public void EveryProfileGetsThroughATraceThatTheCpuAndADeviceShare(string profile)
    {
        ReplayReport report = Run(profile, 64 * MiB, Shared(pages: 2000));
        Assert.Equal(6000, report.Accesses);
        Assert.Equal(2000, report.PagesTouched);
        Assert.Equal(0, report.Cancels);
        Assert.True(report.DeviceFaults.Total > 0);
        Assert.True(report.Replays > 0 || profile == "kfd");
    }

    [Theory]
    [MemberData(nameof(ProfileNames))]
    public void EveryProfileGetsThroughWithMoreDataThanDeviceMemory(string profile)
    {
        ReplayReport report = Run(profile, 4 * MiB, Shared(pages: 4000));
        Assert.Equal(0, report.Cancels);
        DriverProfile driver = DriverProfiles.Find(profile);
        Assert.Equal(driver.MigratesOnFault, report.Evictions > 0);
    }

    [Theory]
    [MemberData(nameof(ProfileNames))]
    public void TheSameInputGivesTheSameReport(string profile)
    {
        ReplayReport once = Run(profile, 4 * MiB, Shared(pages: 3000));
        ReplayReport twice = Run(profile, 4 * MiB, Shared(pages: 3000));
        Assert.Equal(once.Time, twice.Time);
        Assert.Equal(once.DeviceFaults, twice.DeviceFaults);
        Assert.Equal(once.Moves, twice.Moves);
    }

    [Fact]
    public void UvmFillsABlockInSixServicesWhenPagesAreTouchedOneByOne()
    {
        // One access in flight: each fault is a service of its own, as the published vector counts.
        ReplayOptions options = Options("uvm", 64 * MiB) with { InFlight = 1 };
        ReplayReport report = new Replayer(options).Run(new ListedAccesses(Device(0, 512, AccessKind.Read)), "sequential");
        Assert.Equal(6, report.DeviceFaults.Total);
        Assert.Equal(6, report.Batches);
        Assert.Equal(512, report.PagesMapped);
        Assert.Equal(506, report.PagesPrefetched);
    }

    [Fact]
    public void WhatADeviceTakesTheCpuTakesBack()
    {
        ReplayReport report = Run("uvm", 64 * MiB, Device(0, 512, AccessKind.Write).Concat(Cpu(0, 512, AccessKind.Read)));
        Assert.Contains(report.Moves, m => m is { From: Agents.None, To: 1, Cause: MoveCause.DeviceFault });
        Assert.Equal(512, report.Moves.Where(m => m is { From: 1, To: Agents.Cpu }).Sum(m => m.Pages));
        Assert.True(report.CpuFaults.Read > 0);
    }

    [Fact]
    public void ADeviceMemoryBelowOneWindowIsRefusedWithASentence()
    {
        FormatException refused = Assert.Throws<FormatException>(() => new Replayer(Options("kfd", MiB)));
        Assert.Contains("smaller than one window", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAgentThatDoesNotExistIsRefusedWithASentence()
    {
        Replayer replayer = new(Options("uvm", 64 * MiB));
        FormatException refused = Assert.Throws<FormatException>(
            () => replayer.Run(new ListedAccesses([new PageAccess(7, AccessKind.Read, First, 1, 0)]), "bad"));
        Assert.Contains("agent 7", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BadAddressesAreCancelledAndOnlyThose()
    {
        var range = Core.Addressing.VirtualRange.FromPages(Core.Addressing.VirtualAddress.FromPage(First), 100);
        foreach (DriverProfile profile in DriverProfiles.All)
        {
            ReplayReport report = new Replayer(Options(profile.Name, 64 * MiB)).Run(new ListedAccesses(Device(50, 100, AccessKind.Write), range), "half");
            Assert.True(report.Cancels == 50, $"{profile.Name} cancelled {report.Cancels}.");
            Assert.True(report.PagesMapped >= 50, profile.Name);
        }
    }

    internal static ReplayOptions Options(string profile, ulong deviceBytes) => new()
    {
        Profile = DriverProfiles.Find(profile),
        Catalog = BuiltInPolicies.CreateCatalog(),
        DeviceMemoryBytes = deviceBytes,
    };

    internal static IEnumerable<PageAccess> Device(int from, int count, AccessKind kind, int agent = 1) =>
        Enumerable.Range(from, count).Select(i => new PageAccess(agent, kind, First + (ulong)i, 1, 0));

    private static ReplayReport Run(string profile, ulong deviceBytes, IEnumerable<PageAccess> accesses) =>
        new Replayer(Options(profile, deviceBytes)).Run(new ListedAccesses(accesses), "test");

    private static IEnumerable<PageAccess> Cpu(int from, int count, AccessKind kind) => Device(from, count, kind, Agents.Cpu);

    private static IEnumerable<PageAccess> Shared(int pages) =>
        Cpu(0, pages, AccessKind.Write).Concat(Device(0, pages, AccessKind.Write)).Concat(Cpu(0, pages, AccessKind.Read));
}
