using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hmm.Core;
using Hmm.Core.Diagnostics;
using Hmm.Core.Locking;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Services;

namespace Hmm.Svm.Tests.Services;

/// <summary>Several devices and several address spaces at once, each with threads on devices and on the CPU, while everything goes wrong that can.</summary>
public class ThreadedServiceTests
{
    private const int DeviceCount = 2;
    private const ulong MiB = 1 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    private static int Steps => int.TryParse(Environment.GetEnvironmentVariable("HMM_THREAD_STEPS"), out int steps) ? steps : 250;

    public static TheoryData<string, string, int> Cases
    {
        get
        {
            TheoryData<string, string, int> cases = [];
            foreach (DriverProfile profile in DriverProfiles.All)
            {
                cases.Add(profile.Name, profile.Thrash, 1);
            }

            cases.Add("uvm", "ping-pong", 2);
            cases.Add("uvm", "uvm-as-coded", 3);
            cases.Add("gpusvm", "timeslice", 4);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EverybodyFindsWhatHeWroteAndNobodyWaitsForEver(string profile, string thrash, int seed)
    {
        using CountingMachine machine = new(hasContents: true);
        using MemorySystem memory = new(machine);
        SvmSystem system = new(memory, Options(profile, thrash)) { Hooks = new ChaosHooks(seed) };
        ThreadedProcess[] processes = [new(system, 0), new(system, 1), new(system, 2) { EndsEarly = true }];
        RunAll(processes.SelectMany((process, number) => Workers(system, process, (seed * 100) + (number * 10))));

        system.Hooks = null;
        List<InvariantViolation> violations = [];
        MemoryChecker.Check(memory, [.. processes.Where(process => !process.EndsEarly).Select(process => process.Process)], violations);
        foreach (ThreadedProcess process in processes)
        {
            SvmChecker.Check(system, process.Space, violations);
            process.CheckResult(new CpuMemoryView(system, process.Space));
        }

        foreach (SvmDevice device in system.Devices)
        {
            foreach (ThreadedProcess process in processes)
            {
                device.Open(process.Space).Close();
            }
        }

        foreach (ThreadedProcess process in processes.Where(process => !process.EndsEarly))
        {
            process.Process.Exit();
        }

        MemoryChecker.CheckNothingLeft(memory, violations);
        Assert.Equal([], violations);
        Assert.All(system.Devices, device => Assert.Equal(0, device.ResidentPages));
    }

    private static ReplayOptions Options(string profile, string thrash) => new()
    {
        Profile = DriverProfiles.Find(profile) with { FaultBufferEntries = 16 },
        Catalog = BuiltInPolicies.CreateCatalog(),
        Policies = new Dictionary<string, string> { ["thrash"] = thrash },
        DeviceMemoryBytes = 4 * MiB,
        Devices = DeviceCount,
        InFlight = 8,
        HasContents = true,
    };

    private static IEnumerable<Action> Workers(SvmSystem system, ThreadedProcess process, int seed)
    {
        yield return process.MakeMapper(seed, Steps / 5);
        yield return process.MakeWorker(new CpuMemoryView(system, process.Space), seed + 1, Steps);
        yield return process.MakeWorker(new CpuMemoryView(system, process.Space), seed + 2, Steps);
        for (int device = 0; device < DeviceCount; device++)
        {
            // Two threads share a device and a channel.
            yield return process.MakeWorker(new DeviceMemoryView(system.Devices[device], process.Space), seed + 3 + (2 * device), Steps);
            yield return process.MakeWorker(new DeviceMemoryView(system.Devices[device], process.Space), seed + 4 + (2 * device), Steps);
        }
    }

    private static void RunAll(IEnumerable<Action> actions)
    {
        ConcurrentQueue<Exception> failures = [];
        List<Thread> threads = [.. actions.Select(action => new Thread(() => RunOne(action, failures)) { IsBackground = true })];
        threads.ForEach(thread => thread.Start());
        DateTime end = DateTime.UtcNow + s_patience;
        foreach (Thread thread in threads)
        {
            TimeSpan left = end - DateTime.UtcNow;
            bool hasEnded = thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            if (!failures.IsEmpty || !hasEnded)
            {
                break;
            }
        }

        Assert.Empty(failures);
        Assert.True(threads.TrueForAll(thread => !thread.IsAlive), "A thread waits for ever.");
    }

    private static void RunOne(Action action, ConcurrentQueue<Exception> failures)
    {
        LockOrder.Current.Violated = violation => failures.Enqueue(new InvalidOperationException(violation));
        try
        {
            action();
        }
        catch (Exception failure)
        {
            failures.Enqueue(failure);
        }
    }
}
