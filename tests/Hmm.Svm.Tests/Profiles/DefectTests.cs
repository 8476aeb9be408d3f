using System;
using System.Linq;
using Hmm.Core.Addressing;
using Hmm.Core.AddressSpaces;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Services;
using Hmm.Svm.Tests.Services;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Profiles;

/// <summary>Defects that drivers had: each is off by default, does harm when it is on, and none takes a service out of its bounds.</summary>
public class DefectTests
{
    private const ulong MiB = 1 << 20;
    private readonly byte[] _byte = [7];

    [Fact]
    public void NothingIsDefectiveByDefault() => Assert.All(DriverProfiles.All, profile => Assert.Equal(DriverDefects.None, profile.Defects));

    [Theory]
    [InlineData(DriverDefects.None, 1)]
    [InlineData(DriverDefects.WeakestFirst, 2)]
    public void ReadsBeforeWritesCostAServiceMore(DriverDefects defects, int windows)
    {
        using SvmMachine machine = ServiceTests.Make("nouveau-page", defects: defects);
        VirtualAddress start = machine.Map(MiB);
        machine.Devices[0].Announce(AccessKind.Write, VirtualRange.FromPages(start, 1));
        machine.Devices[0].Announce(AccessKind.Read, VirtualRange.FromPages(start, 1));
        machine.Devices[0].Settle();
        Assert.Equal(windows, machine.Finish("").Windows);
    }

    [Theory]
    [InlineData(DriverDefects.WeakestFirst, 1)]
    [InlineData(DriverDefects.WeakestFirst | DriverDefects.CoalesceByFirst, 2)]
    public void AFollowerThatIsSkippedByTheRightsOfTheFirstFaultsAgain(DriverDefects defects, int writeFaults)
    {
        using SvmMachine machine = ServiceTests.Make("nouveau-page", defects: defects);
        VirtualAddress start = machine.Map(MiB);
        machine.Devices[0].Announce(AccessKind.Read, VirtualRange.FromPages(start, 1));
        machine.Devices[0].Announce(AccessKind.Write, VirtualRange.FromPages(start, 1));
        machine.Devices[0].Settle();
        Assert.Equal(writeFaults, machine.Finish("").DeviceFaults.Write);
    }

    [Fact]
    public void ADifferenceCutTo32BitsIsNoOrder()
    {
        using SvmMachine machine = ServiceTests.Make("nouveau-page");
        SvmChannel channel = machine.System.Devices[0].Open(machine.Space);
        ulong[] pages = [0, 3UL << 17, 3UL << 18];
        PendingFault[] faults = [.. pages.Select((page, i) => new PendingFault { Channel = channel, Page = page, Kind = AccessKind.Read, Arrival = i })];
        FaultOrder.Sort(faults, new PendingFault[3], DriverDefects.None);
        Assert.Equal(pages, faults.Select(f => f.Page));
        Array.Reverse(faults);
        FaultOrder.Sort(faults, new PendingFault[3], DriverDefects.TruncatedOrder);
        Assert.NotEqual(pages, faults.Select(f => f.Page));
        FaultOrder.Sort(faults, new PendingFault[3], DriverDefects.None);
        Assert.Equal(pages, faults.Select(f => f.Page));
    }

    [Theory]
    [InlineData(DriverDefects.None, false)]
    [InlineData(DriverDefects.StickyAtomic, true)]
    public void AnAtomicThatIsNotForgottenMakesLaterReadsExclusive(DriverDefects defects, bool isExclusive)
    {
        using SvmMachine machine = ServiceTests.Make("nouveau-page", defects: defects);
        VirtualAddress start = machine.Map(MiB);
        machine.Devices[0].Announce(AccessKind.Atomic, VirtualRange.FromPages(start, 1));
        machine.Devices[0].Announce(AccessKind.Read, VirtualRange.FromPages(start.AddPages(1), 1));
        machine.Devices[0].Settle();
        Assert.Equal(isExclusive, ServiceTests.EntryAt(machine, start, 1).IsAtomic);
    }

    [Theory]
    [InlineData(DriverDefects.None, 1)]
    [InlineData(DriverDefects.DropInvalidEntries, 2)]
    public void AnUnfinishedEntryThatIsDroppedComesAgain(DriverDefects defects, int faults)
    {
        using SvmMachine machine = ServiceTests.Make("nouveau-page", defects: defects);
        VirtualAddress start = machine.Map(MiB);
        machine.System.Devices[0].Gpu.WritesUnfinished = true;
        machine.Devices[0].Announce(AccessKind.Write, VirtualRange.FromPages(start, 1));
        machine.System.Devices[0].Gpu.WritesUnfinished = false;
        machine.Devices[0].Settle();
        Assert.Equal(faults, machine.Finish("").DeviceFaults.Write);
        Assert.True(ServiceTests.EntryAt(machine, start, 0).IsValid);
    }

    [Theory]
    [InlineData(DriverDefects.None, 1)]
    [InlineData(DriverDefects.FailureSticks, 3)]
    public void AFailureThatSticksFailsWhatFollows(DriverDefects defects, int cancels)
    {
        using SvmMachine machine = ServiceTests.Make("gpusvm", defects: defects);
        VirtualAddress start = machine.Map(MiB);
        machine.Devices[0].Announce(AccessKind.Write, VirtualRange.FromPages(start.AddPages(2000), 1));
        machine.Devices[0].Announce(AccessKind.Write, VirtualRange.FromPages(start, 1));
        machine.Devices[0].Announce(AccessKind.Write, VirtualRange.FromPages(start.AddPages(64), 1));
        machine.Devices[0].Settle();
        Assert.Equal(cancels, machine.Finish("").Cancels);
    }

    [Theory]
    [InlineData(DriverDefects.None, 1)]
    [InlineData(DriverDefects.SequenceReadOnce, 1000)]
    public void ASequenceThatIsReadOnceFitsAgainOnlyWhenTheServiceBeginsAnew(DriverDefects defects, int retries)
    {
        using SvmMachine machine = ServiceTests.Make("nouveau-page", defects: defects);
        VirtualAddress start = machine.Map(MiB);
        machine.System.Hooks = new Invalidation(times: 1);
        ServiceTests.Touch(machine, AccessKind.Write, start, 0);
        ReplayReport report = machine.Finish("");
        Assert.Equal((retries, 0), (report.MirrorRetries, report.Cancels));
    }

    [Theory]
    [InlineData(DriverDefects.None, 1000)]
    [InlineData(DriverDefects.UnboundedSequenceRetry, 10_000)]
    public void ARetryWithoutABoundEndsAtTheServicesOwn(DriverDefects defects, int attempts)
    {
        using SvmMachine machine = ServiceTests.Make("odp-explicit", defects: defects, attemptsMax: 3);
        VirtualAddress start = machine.Map(MiB);
        machine.System.Hooks = new Invalidation(times: int.MaxValue);
        ServiceTests.Touch(machine, AccessKind.Write, start, 0);
        ReplayReport report = machine.Finish("");
        Assert.Equal((attempts * 3, 1), (report.MirrorRetries, report.Cancels));
    }

    [Theory]
    [InlineData(DriverDefects.None, false)]
    [InlineData(DriverDefects.WriteIfMappingWritable, true)]
    public void AskingToWriteWhatIsOnlyReadCopies(DriverDefects defects, bool hasCopied)
    {
        using SvmMachine machine = ServiceTests.Make("nouveau-page", defects: defects);
        VirtualAddress start = machine.Map(MiB);
        ServiceTests.Touch(machine, AccessKind.Read, start, 0);
        Assert.Equal(!hasCopied, machine.System.Memory.IsZeroPage(ServiceTests.EntryAt(machine, start, 0).Pfn));
    }

    [Theory]
    [InlineData(DriverDefects.None, Agents.None)]
    [InlineData(DriverDefects.RequestsOverwritten, Agents.Cpu)]
    public void ResultsThatOverwriteRequestsAskForMoreOnTheSecondAttempt(DriverDefects defects, int residence)
    {
        using SvmMachine machine = ServiceTests.Make("nouveau-window", defects: defects);
        VirtualAddress start = machine.Map(MiB);
        machine.Cpu.Write(start.AddPages(1), _byte);
        // Between two attempts the gap's page goes to swap. Nobody asked for it.
        machine.System.Hooks = new Invalidation(times: 1, pageOut: 1);
        ServiceTests.Touch(machine, AccessKind.Write, start, 0, 2);
        Assert.Equal(residence, machine.System.ResidenceOf(machine.Space, start.PageNumber + 1));
    }

    private sealed class Invalidation(int times, int pageOut = -1) : IServiceHooks
    {
        private int _left = times;

        public void At(ServicePoint point, SvmSpace space, VirtualRange pages)
        {
            if (point != ServicePoint.Walked || _left-- <= 0)
            {
                return;
            }

            if (pageOut >= 0)
            {
                space.Space.Advise(VirtualRange.FromPages(pages.Start.AddPages(pageOut), 1), MemoryAdvice.PageOut, out _);
                return;
            }

            space.Space.Protect(pages, Protection.Read);
            space.Space.Protect(pages, Protection.Read | Protection.Write);
        }
    }
}
