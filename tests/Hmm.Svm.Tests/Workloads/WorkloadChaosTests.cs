using System;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Services;
using Hmm.Svm.Workloads;

namespace Hmm.Svm.Tests.Workloads;

/// <summary>Every workload under every driver, while everything goes wrong that can: the answer stays right, and nothing is cancelled.</summary>
public class WorkloadChaosTests
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (WorkloadEntry workload in WorkloadCatalog.Entries)
            {
                foreach (DriverProfile profile in DriverProfiles.All)
                {
                    cases.Add(workload.Name, profile.Name);
                }
            }

            return cases;
        }
    }

    private static int Seeds => int.TryParse(Environment.GetEnvironmentVariable("HMM_CHAOS_SEEDS"), out int seeds) ? seeds : 1;

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryWorkloadComputesTheRightAnswer(string workload, string profile)
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            using SvmMachine machine = new(new ReplayOptions
            {
                Profile = DriverProfiles.Find(profile) with { FaultBufferEntries = 16 },
                Catalog = BuiltInPolicies.CreateCatalog(),
                DeviceMemoryBytes = 2 << 20,
                Devices = 2,
                InFlight = 64,
            });
            ChaosHooks chaos = new(seed);
            machine.System.Hooks = chaos;
            WorkloadContext context = new(machine.Cpu, machine.Devices, (_, bytes) => machine.Map(bytes));
            Assert.Null(WorkloadCatalog.Create(workload + ":size=512KiB").Run(context));
            Assert.Equal(0, machine.Finish(workload).Cancels);
            Assert.Equal([], machine.Check());
            Assert.True(chaos.Strokes > 0);
        }
    }
}
