using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Services;

/// <summary>Numbers worked out by hand from the drivers' rules: windows, batches, replays, skips.</summary>
public class ServiceVectorTests
{
    private const ulong MiB = 1 << 20;
    private readonly byte[] _byte = [7];

    [Fact]
    public void AWindowOfNouveauGoesOnInTheNextBlock()
    {
        using SvmMachine machine = Make(DriverProfiles.NouveauWindow);
        VirtualAddress start = machine.Map(4 * MiB);
        foreach (int page in (int[])[507, 510, 513, 523, 525])
        {
            machine.Cpu.Write(start.AddPages(page), _byte);
        }

        // 508 to 523 is one window: it takes 515, and maps the gaps 510 and 513 since they are there. 524 opens another, whose last fault is 526.
        ServiceTests.Touch(machine, AccessKind.Write, start, 508, 515, 524, 526);
        Assert.Equal([508, 510, 513, 515, 524, 525, 526], MappedPages(machine, start, 1024));
        Assert.Equal(2, machine.Finish("").Windows);
    }

    [Fact]
    public void AGapAtTheEdgeIsNoneIfNoFaultFollows()
    {
        using SvmMachine machine = Make(DriverProfiles.NouveauWindow);
        VirtualAddress start = machine.Map(4 * MiB);
        machine.Cpu.Write(start.AddPages(511), _byte);
        ServiceTests.Touch(machine, AccessKind.Write, start, 509, 525);
        Assert.Equal([509, 525], MappedPages(machine, start, 1024));
    }

    [Theory]
    [InlineData("odp")]
    [InlineData("odp-explicit")]
    public void OdpReadsFourMebibytesAheadOfARequest(string profile)
    {
        using SvmMachine machine = Make(DriverProfiles.Find(profile), inFlight: 1);
        VirtualAddress start = machine.Map(8 * MiB);
        ServiceTests.Touch(machine, AccessKind.Read, start, 100);
        Assert.Equal(Enumerable.Range(100, 1024), MappedPages(machine, start, 2048));

        // The mapping ends after 924 pages more: nothing of it is left to fault.
        ServiceTests.Touch(machine, AccessKind.Read, start, [.. Enumerable.Range(100, 1948)]);
        ReplayReport report = machine.Finish("");
        Assert.Equal((2, 1948), (report.DeviceFaults.Total, report.PagesMapped));
        Assert.Equal(0, report.PagesPrefetched);
    }

    [Theory]
    [InlineData("odp")]
    [InlineData("odp-explicit")]
    public void OdpAsksForAllRightsOfARegionSoThatWritesBehindAReadFaultNoMore(string profile)
    {
        using SvmMachine machine = Make(DriverProfiles.Find(profile), inFlight: 1);
        VirtualAddress start = machine.Map(4 * MiB);
        ServiceTests.Touch(machine, AccessKind.Read, start, 0);
        ServiceTests.Touch(machine, AccessKind.Write, start, [.. Enumerable.Range(0, 1024)]);
        ReplayReport report = machine.Finish("");
        Assert.Equal((1, 1024, 0), (report.DeviceFaults.Total, report.PagesMapped, report.MirrorRetries));
    }

    [Fact]
    public void OdpMapsNothingTwiceHoweverManyFaultsWaitForIt()
    {
        using SvmMachine machine = Make(DriverProfiles.Odp, inFlight: 512);
        VirtualAddress start = machine.Map(8 * MiB);
        ServiceTests.Touch(machine, AccessKind.Write, start, [.. Enumerable.Range(0, 2048)]);
        Assert.Equal(2048, machine.Finish("").PagesMapped);
    }

    [Fact]
    public void OdpWithoutReadingAheadServesWhatIsAskedFor()
    {
        using SvmMachine machine = Make(DriverProfiles.Odp, inFlight: 1, prefetch: "none");
        VirtualAddress start = machine.Map(8 * MiB);
        ServiceTests.Touch(machine, AccessKind.Read, start, 511, 512);
        Assert.Equal([511, 512], MappedPages(machine, start, 2048));
    }

    [Theory]
    [InlineData(0, 2_000_000)]
    [InlineData(500_000, 2_000_000)]
    [InlineData(2_500_000, 0)]
    public void KfdDoesNotLookAtAGranuleTwiceInTwoMilliseconds(long pause, long atLeast)
    {
        using SvmMachine machine = Make(DriverProfiles.Kfd);
        VirtualAddress start = machine.Map(4 * MiB);
        ServiceTests.Touch(machine, AccessKind.Write, start, 0);
        long mapped = machine.System.Clock.Now;
        machine.Cpu.Write(start.AddPages(3), _byte);
        machine.System.Clock.Pass(pause);
        ServiceTests.Touch(machine, AccessKind.Write, start, 3);

        // Copies run on after the pages are mapped: that is when the two milliseconds begin, a little before what we saw.
        Assert.InRange(machine.System.Clock.Now - mapped, atLeast - 300_000, pause + 4_000_000);
        Assert.Equal(atLeast > 0, machine.Finish("").Time.Throttled > 0);
        Assert.True(ServiceTests.EntryAt(machine, start, 3).IsValid);
    }

    [Theory]
    [InlineData("block", 8, 17, 31, 21, 0)]
    [InlineData("batch", 5, 5, 18, 8, 0)]
    [InlineData("batch-flush", 3, 3, 10, 0, 8)]
    [InlineData("end", 3, 1, 10, 0, 0)]
    public void UvmReplaysAsItsPolicySays(string replay, int batches, int replays, int faults, int duplicates, int flushed)
    {
        // Ten pages in batches of four: blocks 0 0 0 1, 1 1 2 2, 3 3. Each replay makes every access that still waits fault again, behind its first fault; a flush
        // throws away what the batch left.
        using SvmMachine machine = Make(DriverProfiles.Uvm, prefetch: "none", batch: "uvm:size=4", replay: replay);
        VirtualAddress start = machine.Map(8 * MiB);
        ServiceTests.Touch(machine, AccessKind.Write, start, 0, 1, 2, 512, 513, 514, 1024, 1025, 1536, 1537);
        ReplayReport report = machine.Finish("");
        Assert.Equal((batches, replays, faults, duplicates, flushed), (report.Batches, report.Replays, report.DeviceFaults.Total, report.Duplicates, report.Flushed));
    }

    [Fact]
    public void AFaultThatStandsForOthersIsNoDuplicateAndTheyAreCountedOnce()
    {
        // Five reads of a page, two writes that ask for more than the page before them in the ring, and a page that one other access shares.
        using SvmMachine machine = Make(DriverProfiles.Uvm, prefetch: "none");
        VirtualAddress start = machine.Map(MiB);
        ServiceTests.Touch(machine, AccessKind.Read, start, 3, 3, 3, 3, 3, 9, 9);
        ReplayReport report = machine.Finish("");
        Assert.Equal((7, 5), (report.DeviceFaults.Total, report.Duplicates));
        Assert.Equal(2, report.PagesMapped);
    }

    [Fact]
    public void WhatFindsTheRingFullComesAgainWithTheReplay()
    {
        // A ring of 15 for 64 accesses: 49, 34, 19 and 4 faults find it full.
        using SvmMachine machine = Make(DriverProfiles.Uvm with { FaultBufferEntries = 16 }, prefetch: "none");
        VirtualAddress start = machine.Map(MiB);
        ServiceTests.Touch(machine, AccessKind.Write, start, [.. Enumerable.Range(0, 64)]);
        ReplayReport report = machine.Finish("");
        Assert.Equal((5, 49 + 34 + 19 + 4, 64), (report.Batches, report.Overflows, report.DeviceFaults.Total));
    }

    [Fact]
    public void ACpuFaultBringsTheChunkHomeThatItIsIn()
    {
        using SvmMachine machine = Make(DriverProfiles.GpuSvm);
        VirtualAddress start = machine.Map(2 * MiB);
        ServiceTests.Touch(machine, AccessKind.Write, start, 5, 100);
        Assert.Equal(32, machine.System.Devices[0].ResidentPages);
        machine.Cpu.Write(start.AddPages(98), _byte);
        Assert.Equal(16, machine.System.Devices[0].ResidentPages);
        Assert.Equal(1, machine.System.ResidenceOf(machine.Space, start.PageNumber + 5));
    }

    [Fact]
    public void GpusvmEvictsAChunkWhereUvmEvictsABlock()
    {
        // 32 chunks of 64 KiB fill 2 MiB. The next one needs the room of one; UVM's tree has brought the whole block, which leaves as one.
        int[] groups = [.. Enumerable.Range(0, 33).Select(group => group * 16)];
        foreach ((DriverProfile profile, long left, bool keepsSecond) in ((DriverProfile, long, bool)[])[(DriverProfiles.GpuSvm, 512, true), (DriverProfiles.Uvm, 16, false)])
        {
            using SvmMachine machine = Make(profile, inFlight: 1, deviceMemory: 2 * MiB);
            VirtualAddress start = machine.Map(4 * MiB);
            ServiceTests.Touch(machine, AccessKind.Write, start, groups);
            Assert.Equal(left, machine.System.Devices[0].ResidentPages);
            Assert.Equal(Agents.Cpu, machine.System.ResidenceOf(machine.Space, start.PageNumber));
            Assert.Equal(keepsSecond ? Agents.FirstDevice : Agents.Cpu, machine.System.ResidenceOf(machine.Space, start.PageNumber + 16));
            Assert.Equal(1, machine.Finish("").Evictions);
            Assert.Equal([], machine.Check());
        }
    }

    [Theory]
    [InlineData("uvm-as-coded", 10, 1)]
    [InlineData("uvm", 10, 1)]
    [InlineData("none", 0, 0)]
    public void AThrottleIsCountedOnceHoweverOftenItsFaultComesAgain(string thrash, int throttles, int pins)
    {
        using SvmMachine machine = Make(DriverProfiles.Uvm, thrash: thrash);
        VirtualAddress start = machine.Map(MiB);
        for (int turn = 0; turn < 60; turn++)
        {
            IAgentMemory agent = turn % 2 == 0 ? machine.Devices[0] : machine.Cpu;
            machine.System.Clock.Pass(100_000);
            Assert.Equal(HmmStatus.Success, agent.Write(start, _byte));
        }

        ReplayReport report = machine.Finish("");
        Assert.Equal((throttles, pins), (report.Throttles, report.Pins));
    }

    private static SvmMachine Make(
        DriverProfile profile, int inFlight = 1024, string? prefetch = null, string? batch = null, string? replay = null, string? thrash = null,
        ulong deviceMemory = 64 * MiB)
    {
        Dictionary<string, string> policies = [];
        foreach ((string kind, string? name) in (ReadOnlySpan<(string, string?)>)[("prefetch", prefetch), ("batch", batch), ("replay", replay), ("thrash", thrash)])
        {
            if (name != null)
            {
                policies[kind] = name;
            }
        }

        return new SvmMachine(new ReplayOptions
        {
            Profile = profile,
            Catalog = BuiltInPolicies.CreateCatalog(),
            DeviceMemoryBytes = deviceMemory,
            Policies = policies,
            InFlight = inFlight,
        });
    }

    private static IEnumerable<int> MappedPages(SvmMachine machine, VirtualAddress start, int pages) =>
        [.. Enumerable.Range(0, pages).Where(page => ServiceTests.EntryAt(machine, start, page).IsValid)];
}
