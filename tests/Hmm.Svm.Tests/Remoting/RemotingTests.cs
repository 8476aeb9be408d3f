using System;
using System.Collections.Generic;
using System.Linq;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Remoting;
using Hmm.Svm.Replay;
using Hmm.Svm.Reports;
using Hmm.Svm.Traces;
using Hmm.Svm.Workloads;

namespace Hmm.Svm.Tests.Remoting;

/// <summary>What goes to a service in another runtime and comes back is what was meant.</summary>
public sealed class RemotingTests
{
    private const string Workload = "stencil:size=3MiB,sweeps=2";

    [Fact]
    public void EveryProfileCrossesUnchanged()
    {
        foreach (DriverProfile profile in DriverProfiles.All)
        {
            ReplayOptions options = Options(profile.Name) with
            {
                Profile = profile with { Defects = DriverDefects.StickyAtomic },
                Policies = new Dictionary<string, string> { ["prefetch"] = "none" },
            };
            ServiceRequest request = ServiceRequest.Of(options, isTrace: true, mapsOnDemand: true);
            ServiceRequest read = ServiceRequest.Parse(request.ToBytes());
            Assert.Equal(request.ToBytes(), read.ToBytes());
            ReplayOptions again = read.ToOptions(null);
            Assert.Equal(options.Costs, again.Costs);
            Assert.Equal((profile.Name, DriverDefects.StickyAtomic), (again.Profile.Name, again.Profile.Defects));
            Assert.Equal(profile.ChunkPages, again.Profile.ChunkPages);
            Assert.Equal("none", again.Policies["prefetch"]);
            _ = new Replayer(again);
        }
    }

    [Fact]
    public void AReportCrossesUnchanged()
    {
        ReplayReport report = new WorkloadReplayer(Options("uvm")).Run(WorkloadCatalog.Create(Workload), Workload, out _);
        ServiceAnswer answer = ServiceAnswer.Parse(new ServiceAnswer(report with { Measured = new LiveMeasurements { MinorFaults = 3 } }, 7).ToBytes());
        Assert.Equal(ReportColumn.All.Select(column => column.Value(report)), ReportColumn.All.Select(column => column.Value(answer.Report)));
        Assert.Equal(report.Moves, answer.Report.Moves);
        Assert.Equal((3, 7), (answer.Report.Measured!.Faults, answer.DeviceStores));
    }

    [Fact]
    public void ObserversAreToldEverythingInOrder()
    {
        List<string> told = [], read = [];
        EventWriter writer = new(wantsAccesses: true, wantsDecisions: true);
        IReplayObserver both = new ObserverGroup([new Transcript(told), writer]);
        _ = new WorkloadReplayer(Options("uvm") with { Observer = both }).Run(WorkloadCatalog.Create(Workload), Workload, out _);
        both.Cancelled(new FaultRecord(1, AccessKind.Atomic, 0, 0x70000, 5), new Reason("bad-address", new("page", 0x70000)));

        int count = writer.Take([]);
        byte[] bytes = new byte[count];
        Assert.Equal(count, writer.Take(bytes));
        Assert.Equal(0, writer.Take([]));
        new EventReader(new Transcript(read), 0).Tell(bytes);
        Assert.Equal(told, read);
    }

    [Fact]
    public void AddressesThatWereMovedAreToldAsTheyWere()
    {
        List<string> told = [];
        EventWriter writer = new(wantsAccesses: true, wantsDecisions: true);
        writer.Faulted(new FaultRecord(1, AccessKind.Read, 0, 0x1400, 5));
        writer.Moved(new ResidencyEvent { Block = 0xA });
        writer.Decided(new DecisionPlace("batch", 1, 0, 0, 5), new Reason("all"));
        byte[] bytes = new byte[writer.Take([])];
        writer.Take(bytes);
        new EventReader(new Transcript(told), 0x1000).Tell(bytes);
        Assert.Equal(new FaultRecord(1, AccessKind.Read, 0, 0x400, 5).ToString(), told[0]);
        Assert.Contains(" 0 2 ", told[1], StringComparison.Ordinal);
        Assert.Contains("Page = 0,", told[2], StringComparison.Ordinal);
    }

    [Fact]
    public void APolicyOfSomebodyElseIsFound()
    {
        PolicyCatalog catalog = BuiltInPolicies.CreateCatalog();
        IReadOnlyDictionary<string, string> own = DriverProfiles.Uvm.Policies;
        Assert.Null(catalog.FindForeign(own, new Dictionary<string, string> { ["prefetch"] = "none" }));
        catalog.Register<IPrefetchPolicy>("mine", "of a test", _ => BuiltInPolicies.CreateCatalog().Create<IPrefetchPolicy>("none"));
        Assert.Null(catalog.FindForeign(own, new Dictionary<string, string>()));
        Assert.Equal("mine", catalog.FindForeign(own, new Dictionary<string, string> { ["prefetch"] = "mine:x=1" }));
    }

    private static ReplayOptions Options(string profile) => new()
    {
        Profile = DriverProfiles.Find(profile),
        Catalog = BuiltInPolicies.CreateCatalog(),
        DeviceMemoryBytes = 2 << 20,
    };
}
