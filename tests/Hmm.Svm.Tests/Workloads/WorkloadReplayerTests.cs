using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Workloads;

namespace Hmm.Svm.Tests.Workloads;

/// <summary>Workloads compute the right thing through the devices' page tables, whatever the driver and however little memory the device has.</summary>
public sealed class WorkloadReplayerTests
{
    public static TheoryData<string, string> Everything()
    {
        TheoryData<string, string> all = [];
        foreach (string workload in WorkloadTests.SmallNames)
        {
            foreach (DriverProfile profile in DriverProfiles.All)
            {
                all.Add(workload, profile.Name);
            }
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void TheResultIsRightUnderEveryProfile(string workload, string profile)
    {
        ReplayReport report = Run(workload, Options(profile, 16 << 20));
        Assert.True(report.DeviceFaults.Total > 0);
        Assert.True(report.Accesses > report.CpuAccesses);
        Assert.Equal(0, report.Cancels);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void TheResultIsRightWhenLittleFits(string workload, string profile) => Run(workload, Options(profile, 2 << 20));

    [Theory]
    [MemberData(nameof(WorkloadTests.Small), MemberType = typeof(WorkloadTests))]
    public void TheResultIsRightOnThreeDevices(string workload) => Run(workload, Options("uvm", 16 << 20) with { Devices = 3 });

    [Fact]
    public void ARunIsTheSameEachTime()
    {
        ReplayReport first = Run("hashjoin:size=1MiB", Options("uvm", 2 << 20));
        ReplayReport second = Run("hashjoin:size=1MiB", Options("uvm", 2 << 20));
        Assert.Equal(first.Time, second.Time);
        Assert.Equal(first.DeviceFaults, second.DeviceFaults);
        Assert.Equal(first.Moves, second.Moves);
    }

    private static ReplayReport Run(string workload, ReplayOptions options)
    {
        ReplayReport report = new WorkloadReplayer(options).Run(WorkloadCatalog.Create(workload), workload, out string? difference);
        Assert.Null(difference);
        return report;
    }

    private static ReplayOptions Options(string profile, ulong deviceMemory) => new()
    {
        Profile = DriverProfiles.Find(profile),
        Catalog = BuiltInPolicies.CreateCatalog(),
        DeviceMemoryBytes = deviceMemory,
    };
}
