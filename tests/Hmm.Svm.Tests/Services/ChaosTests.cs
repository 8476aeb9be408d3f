using System;
using System.Runtime.InteropServices;
using Hmm.Core;
using Hmm.Core.Addressing;
using Hmm.Svm.Devices;
using Hmm.Svm.Policies;
using Hmm.Svm.Profiles;
using Hmm.Svm.Replay;
using Hmm.Svm.Services;
using Hmm.Svm.Traces;

namespace Hmm.Svm.Tests.Services;

/// <summary>Programs that compute while everything goes wrong that can.</summary>
public class ChaosTests
{
    private const int Length = 3 << 17;
    private const ulong MiB = 1 << 20;

    private static int Seeds => int.TryParse(Environment.GetEnvironmentVariable("HMM_CHAOS_SEEDS"), out int seeds) ? seeds : 2;

    public static TheoryData<string, int> Cases
    {
        get
        {
            TheoryData<string, int> cases = [];
            foreach (DriverProfile profile in DriverProfiles.All)
            {
                for (int seed = 1; seed <= Seeds; seed++)
                {
                    cases.Add(profile.Name, seed);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void TheAnswerIsRightAndOnlyBadAccessesAreCancelled(string profile, int seed)
    {
        using SvmMachine machine = MakeMachine(profile);
        ChaosHooks chaos = new(seed);
        machine.System.Hooks = chaos;
        Random random = new(seed);
        VirtualAddress x = machine.Map(Length * sizeof(long));
        VirtualAddress y = machine.Map(Length * sizeof(long));
        long[] plainX = new long[Length];
        long[] plainY = new long[Length];
        for (int round = 0; round < 3; round++)
        {
            CpuPhase(machine, x, plainX, random);
            DevicePhase(machine, random, x, y, plainX, plainY);
            TouchHoles(machine, random, y);
            Assert.Equal([], machine.Check());
        }

        Assert.Equal(plainX, ReadAll(machine.Cpu, x));
        Assert.Equal(plainY, ReadAll(machine.Cpu, y));
        Assert.True(chaos.Strokes > 0);
        ReplayReport report = machine.Finish("chaos");
        Assert.Equal(9, report.Cancels);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AtomicsOfTwoDevicesAndTheCpuAllCount(string profile, int seed)
    {
        using SvmMachine machine = MakeMachine(profile);
        machine.System.Hooks = new ChaosHooks(seed);
        Random random = new(seed);
        const int Words = 64;
        VirtualAddress counters = machine.Map(Words * PageConstants.PageSize);
        ulong[] plain = new ulong[Words];
        IAgentMemory[] agents = [machine.Cpu, .. machine.Devices];
        for (int i = 0; i < 600; i++)
        {
            int word = random.Next(Words);
            HmmStatus status = agents[random.Next(agents.Length)].Atomic(
                counters.AddPages(word), AtomicOperation.Add, (ulong)i, out ulong before);
            Assert.Equal(HmmStatus.Success, status);
            Assert.Equal(plain[word], before);
            plain[word] += (ulong)i;
        }

        Assert.Equal([], machine.Check());
    }

    private static SvmMachine MakeMachine(string profile) => new(new ReplayOptions
    {
        // A ring of 15 for 64 accesses: it overflows all the time.
        Profile = DriverProfiles.Find(profile) with { FaultBufferEntries = 16 },
        Catalog = BuiltInPolicies.CreateCatalog(),
        DeviceMemoryBytes = 4 * MiB,
        Devices = 2,
        InFlight = 64,
    });

    private static void CpuPhase(SvmMachine machine, VirtualAddress x, long[] plainX, Random random)
    {
        for (int i = 0; i < 200; i++)
        {
            int at = random.Next(Length);
            plainX[at] = random.NextInt64();
            Assert.Equal(HmmStatus.Success, machine.Cpu.Write(At(x, at), MemoryMarshal.AsBytes(plainX.AsSpan(at, 1))));
        }
    }

    private static void DevicePhase(SvmMachine machine, Random random, VirtualAddress x, VirtualAddress y, long[] plainX, long[] plainY)
    {
        const int Piece = 4096;
        Span<long> xs = new long[Piece];
        Span<long> ys = new long[Piece];
        for (int first = 0; first < Length; first += Piece)
        {
            IAgentMemory device = machine.Devices[random.Next(2)];
            machine.System.Devices[device.Agent - 1].Gpu.WritesUnfinished = random.Next(4) == 0;
            device.Announce(AccessKind.Read, Pages(At(x, first), Piece));
            device.Announce(AccessKind.Write, Pages(At(y, first), Piece));
            device.Announce(AccessKind.Prefetch, Pages(At(y, first), 2 * Piece));
            device.Settle();
            Assert.Equal(HmmStatus.Success, device.Read(At(x, first), MemoryMarshal.AsBytes(xs)));
            Assert.Equal(HmmStatus.Success, device.Read(At(y, first), MemoryMarshal.AsBytes(ys)));
            for (int i = 0; i < Piece; i++)
            {
                ys[i] = unchecked((3 * xs[i]) + ys[i]);
                plainY[first + i] = unchecked((3 * plainX[first + i]) + plainY[first + i]);
            }

            Assert.Equal(HmmStatus.Success, device.Write(At(y, first), MemoryMarshal.AsBytes(ys)));
        }
    }

    private static void TouchHoles(SvmMachine machine, Random random, VirtualAddress y)
    {
        VirtualAddress hole = new((y.Value + (Length * sizeof(long)) + PageConstants.PmdSize - 1) & ~(PageConstants.PmdSize - 1));
        Span<byte> word = stackalloc byte[8];
        for (int i = 0; i < 3; i++)
        {
            IAgentMemory device = machine.Devices[random.Next(2)];
            HmmStatus status = i switch
            {
                0 => device.Read(hole, word),
                1 => device.Write(hole.AddPages(1), word),
                _ => device.Atomic(hole.AddPages(2), AtomicOperation.Add, 1, out _),
            };
            Assert.Equal(HmmStatus.Fault, status);
        }
    }

    private static long[] ReadAll(IAgentMemory agent, VirtualAddress address)
    {
        long[] values = new long[Length];
        Assert.Equal(HmmStatus.Success, agent.Read(address, MemoryMarshal.AsBytes(values.AsSpan())));
        return values;
    }

    private static VirtualAddress At(VirtualAddress start, int index) => new(start.Value + ((ulong)index * sizeof(long)));

    private static VirtualRange Pages(VirtualAddress start, int count) =>
        VirtualRange.FromPages(start, (ulong)count * sizeof(long) / PageConstants.PageSize);
}
