using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hmm.Live.Replay;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Reports;
using Hmm.Svm.Tests.Remoting;
using Hmm.Svm.Traces;
using Hmm.Svm.Workloads;

namespace Hmm.Machines.Tests;

/// <summary>The fault service does on real memory what it does on the simulated machine: every count and every modelled nanosecond is the same.</summary>
public sealed class SameReplayTests
{
    private const ulong DeviceBytes = 2 << 20;

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (DriverProfile profile in DriverProfiles.All)
            {
                // In the device's memory, and with too much for it.
                cases.Add("saxpy:size=2304KiB,rounds=1", profile.Name);
                cases.Add("bfs:size=256KiB", profile.Name);
                cases.Add("hashjoin:size=512KiB", profile.Name);
            }

            cases.Add("stencil:size=3MiB,sweeps=3", "uvm");
            cases.Add("saxpy:size=4MiB,rounds=2", "uvm");
            cases.Add("matmul:size=1MiB", "gpusvm");
            cases.Add("spmv:size=3MiB,rounds=2", "kfd");
            cases.Add("chase:size=256KiB", "nouveau-page");
            return cases;
        }
    }

    public static TheoryData<string, string> ChaosCases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (DriverProfile profile in DriverProfiles.All)
            {
                cases.Add("saxpy:size=512KiB,rounds=2", profile.Name);
                cases.Add("bfs:size=256KiB", profile.Name);
            }

            return cases;
        }
    }

    [LiveTheory]
    [MemberData(nameof(Cases))]
    public void AWorkloadIsServedAlike(string workload, string profile)
    {
        ReplayOptions options = Options(profile);
        ReplayReport simulated = new WorkloadReplayer(options).Run(WorkloadCatalog.Create(workload), workload, out string? wrong);
        Assert.Null(wrong);
        ReplayReport live = new LiveReplayer(options) { ChecksRules = true }.Run(WorkloadCatalog.Create(workload), workload, out wrong);
        Assert.Null(wrong);
        AssertAlike(simulated, live);
    }

    [LiveTheory]
    [InlineData("uvm", 1)]
    [InlineData("gpusvm", 2)]
    [InlineData("kfd", 1)]
    [InlineData("odp", 1)]
    [InlineData("nouveau-window", 1)]
    public void ATraceIsServedAlike(string profile, int devices)
    {
        ReplayOptions options = Options(profile) with { Devices = devices };
        using MemoryStream file = Record("saxpy:size=2304KiB,rounds=1", devices);
        ReplayReport simulated = new Replayer(options).Run(new TraceReader(file, "test"), "trace");
        file.Position = 0;
        ReplayReport live = new LiveReplayer(options) { ChecksRules = true }.Run(new TraceReader(file, "test"), "trace", out string? wrong);
        Assert.Null(wrong);
        AssertAlike(simulated, live);
    }

    [LiveFact]
    public void ObserversAreToldTheSame()
    {
        const string Workload = "stencil:size=3MiB,sweeps=2";
        List<string> simulated = [], live = [];
        _ = new WorkloadReplayer(Options("uvm") with { Observer = new Transcript(simulated) }).Run(WorkloadCatalog.Create(Workload), Workload, out _);
        _ = new LiveReplayer(Options("uvm") with { Observer = new Transcript(live) }).Run(WorkloadCatalog.Create(Workload), Workload, out _);
        Assert.NotEmpty(simulated);
        Assert.Equal(simulated, live);
    }

    [LiveTheory]
    [MemberData(nameof(ChaosCases))]
    public void UnderChaosTheAnswerStaysRight(string workload, string profile)
    {
        ReplayOptions options = Options(profile) with { Profile = DriverProfiles.Find(profile) with { FaultBufferEntries = 16 }, InFlight = 64 };
        ReplayReport report = new LiveReplayer(options) { ChecksRules = true, ChaosSeed = 7 }.Run(WorkloadCatalog.Create(workload), workload, out string? wrong);
        Assert.Null(wrong);
        Assert.Equal(0, report.Cancels);
    }

    private static ReplayOptions Options(string profile) => new()
    {
        Profile = DriverProfiles.Find(profile),
        Catalog = BuiltInPolicies.CreateCatalog(),
        DeviceMemoryBytes = DeviceBytes,
    };

    private static MemoryStream Record(string workload, int devices)
    {
        MemoryStream file = new();
        using (TraceWriter writer = new(file, "test"))
        {
            _ = WorkloadCatalog.Create(workload).Run(new PlainMachine(devices, writer).CreateContext());
        }

        return new MemoryStream(file.ToArray());
    }

    private static void AssertAlike(ReplayReport simulated, ReplayReport live)
    {
        Assert.True(simulated.DeviceFaults.Total > 0);
        Assert.Equal(
            ReportColumn.All.Select(column => $"{column.Name} {column.Value(simulated)}"), ReportColumn.All.Select(column => $"{column.Name} {column.Value(live)}"));
        Assert.Equal(simulated.Moves, live.Moves);
        Assert.True(live.Measured!.Faults >= live.CpuFaults.Total);
        Assert.Equal(Copied(live, move => move.To != Agents.Cpu), live.Measured.PagesCopiedToDevice);
        Assert.Equal(Copied(live, move => move.To == Agents.Cpu), live.Measured.PagesCopiedToSystem);
        Assert.Null(simulated.Measured);
    }

    private static long Copied(ReplayReport report, Func<MoveCount, bool> counts) =>
        report.Moves.Where(move => move.From != Agents.None && counts(move)).Sum(move => move.Pages);
}
